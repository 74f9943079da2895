//! Listening, answering, and stopping without cutting anybody off.

use super::route;
use super::state::Server;
use super::tls::Tls;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use kobling_hub::access::clients::Certificate;
use rustls::ServerConnection;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower_http::add_extension::AddExtension;

/// Connections at once; who comes later waits for one to end.
const CONNECTIONS_MAX: usize = 1_024;
/// In so long a client has sent the head of its request, the next one on a connection included.
const HEAD_TIME_MAX: Duration = Duration::from_secs(15);
/// Bytes of a head. Hyper reads no more of one, and takes 100 headers at most.
const HEAD_BYTES_MAX: usize = 64 << 10;
/// So long a stopping server waits for what it is answering.
const LAST_ANSWERS_MAX: Duration = Duration::from_secs(20);

/// From where a connection comes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

/// The certificate that a connection's client showed, whose key it has; none if it showed none.
#[derive(Clone, Debug)]
pub(super) struct Presented(pub(super) Option<Certificate>);

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    /// Somebody else listens there, or nobody may.
    #[error("cannot listen on {address}")]
    Listen { address: String, source: std::io::Error },
}

/// A server that listens and does not answer yet.
pub(crate) struct Bound {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<Tls>,
}

/// Listens on an address such as `127.0.0.1:8080`; port 0 is any that is free. With a certificate it
/// speaks nothing but TLS.
pub(crate) async fn bind(address: &str, tls: Option<Tls>) -> Result<Bound, ServeError> {
    let failed = |source| ServeError::Listen { address: address.to_owned(), source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok(Bound { listener, address, tls })
}

impl Bound {
    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop`, and what is being answered then to its end.
    pub(crate) async fn answer(self, server: &Server, stop: impl Future<Output = ()>) {
        let router = route::router(server);
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME_MAX);
        http.max_buf_size(HEAD_BYTES_MAX);
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let all = GracefulShutdown::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            let stream = tokio::select! {
                () = &mut stop => break,
                stream = next(&self.listener, &places) => stream,
            };
            let Some((stream, peer, place)) = stream else { continue };
            let (watcher, http) = (all.watcher(), http.clone());
            let router = AddExtension::new(router.clone(), peer);
            let tls = self.tls.as_ref().map(Tls::acceptor);
            tokio::spawn(async move {
                let answered = match tls {
                    None => {
                        let service = service(router, Presented(None));
                        watcher.watch(http.serve_connection(TokioIo::new(stream), service)).await
                    }
                    Some(tls) => {
                        match tokio::time::timeout(HEAD_TIME_MAX, tls.accept(stream)).await {
                            Ok(Ok(stream)) => {
                                let service = service(router, presented(stream.get_ref().1));
                                let io = TokioIo::new(stream);
                                watcher.watch(http.serve_connection(io, service)).await
                            }
                            // Whoever does not get through a handshake is no news either.
                            Ok(Err(_)) | Err(_) => Ok(()),
                        }
                    }
                };
                // A client that goes away in the middle is no news.
                if let Err(error) = answered
                    && error.is_parse()
                {
                    let error = error.to_string();
                    tracing::warn!(error, "a request was not understood, and refused");
                }
                drop(place);
            });
        }
        drop(self.listener);
        if tokio::time::timeout(LAST_ANSWERS_MAX, all.shutdown()).await.is_err() {
            tracing::warn!("stopped while requests were still being answered");
        }
    }
}

/// What answers on a connection.
fn service(
    router: AddExtension<Router, Peer>,
    presented: Presented,
) -> TowerToHyperService<AddExtension<AddExtension<Router, Peer>, Presented>> {
    TowerToHyperService::new(AddExtension::new(router, presented))
}

fn presented(connection: &ServerConnection) -> Presented {
    let chain = connection.peer_certificates().unwrap_or_default();
    Presented(chain.first().and_then(|it| Certificate::read(it)))
}

/// The next connection, once there is a place for one.
async fn next(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, Peer, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            // Answers are small and whole: waiting to fill a packet only makes them late.
            drop(stream.set_nodelay(true));
            Some((stream, Peer(peer.ip()), place))
        }
        Err(error) => {
            tracing::warn!(error = error.to_string(), "a connection was not taken");
            tokio::task::yield_now().await;
            None
        }
    }
}
