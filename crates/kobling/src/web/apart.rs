use super::problem::Problem;
use tokio::runtime::Handle;

/// Does what takes long, or tells how far it has come, on a thread of its own.
pub(super) async fn apart<T, F>(work: impl FnOnce() -> F + Send + 'static) -> Result<T, Problem>
where
    T: Send + 'static,
    F: Future<Output = T>,
{
    let runtime = Handle::current();
    let done = tokio::task::spawn_blocking(move || runtime.block_on(work()));
    done.await.map_err(Problem::internal)
}
