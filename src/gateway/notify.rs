//! What systemd is told of the service (sd_notify(3)): that it is ready, that it stops, that it is alive.

use std::{
    io,
    os::{
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixDatagram},
    },
    time::Duration,
};

use super::service::Service;

/// Where systemd listens, and how often it wants to hear that the service is alive.
#[derive(Debug, Clone)]
pub struct Systemd {
    /// `NOTIFY_SOCKET`.
    pub socket: String,
    /// `WATCHDOG_USEC`.
    pub watchdog: Option<Duration>,
}

impl Systemd {
    /// Tells it something, such as `READY=1`.
    pub fn tell(&self, what: &str) -> io::Result<()> {
        let address = match self.socket.strip_prefix('@') {
            Some(name) => SocketAddr::from_abstract_name(name)?,
            None => SocketAddr::from_pathname(&self.socket)?,
        };
        UnixDatagram::unbound()?.send_to_addr(what.as_bytes(), &address)?;
        Ok(())
    }

    /// Tells it twice per interval that the service is alive, as long as it negotiates.
    pub async fn watch(self, service: Service) {
        let Some(interval) = self.watchdog else { return };
        loop {
            match service.health().await {
                Ok(()) => drop(self.tell("WATCHDOG=1")),
                // A restart would only lose what is on its way.
                Err(_) if service.is_full() => drop(self.tell("WATCHDOG=1")),
                Err(problem) => tracing::error!(target: "presend", problem, "not healthy"),
            }
            tokio::time::sleep(interval / 2).await;
        }
    }
}
