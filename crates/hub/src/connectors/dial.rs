use super::error::PlaceError;
use super::place::At;
use std::io;
use std::net::SocketAddr;
use tokio::net::TcpStream;

/// The addresses of a server.
pub(super) async fn resolve(at: &At) -> Result<Vec<SocketAddr>, PlaceError> {
    let unresolved = |source| PlaceError::Unresolved { host: at.host.clone(), source };
    let found = tokio::time::timeout(at.limit, tokio::net::lookup_host((&*at.host, at.port)));
    let timed_out = |_| unresolved(io::ErrorKind::TimedOut.into());
    let found: Vec<SocketAddr> = found.await.map_err(timed_out)?.map_err(unresolved)?.collect();
    if found.is_empty() {
        return Err(unresolved(io::ErrorKind::NotFound.into()));
    }
    Ok(found)
}

/// A connection to the first of `addresses` that answers.
pub(super) async fn dial(at: &At, addresses: &[SocketAddr]) -> Result<TcpStream, PlaceError> {
    let mut last = io::ErrorKind::NotFound.into();
    for address in addresses {
        match tokio::time::timeout(at.limit, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(PlaceError::Unreachable { at: at.to_string(), source: last })
}
