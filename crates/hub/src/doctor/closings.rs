//! Agreements that are closed in emergency.

use super::Finding;
use kobling_domain::id::TenantId;
use kobling_store::StoreError;
use kobling_store::agreement::closing::{self, Closing};
use kobling_store::engine::Tx;

/// Those that are closed still, each with what to do.
pub(super) async fn examine(tx: &mut Tx, tenant: TenantId) -> Result<Vec<Finding>, StoreError> {
    let all = closing::list(tx, tenant).await?;
    Ok(all.iter().filter(|it| it.reopened.is_none()).map(finding).collect())
}

fn finding(it: &Closing) -> Finding {
    let Closing { agreement, closed_at, by, .. } = it;
    Finding::warning(
        format!("agreement {agreement}: closed in emergency"),
        format!(
            "since {closed_at:.0} by {by}: nothing leaves for {}, what waits is kept",
            it.target
        ),
        format!("when it is safe, two people open it: kobling agreement reopen {agreement}"),
    )
}
