//! Sockets: from an [`Endpoint`] to a listener, from a listener to connections that read and write.

use std::{
    fmt, fs, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    os::unix::{
        fs::{FileTypeExt, PermissionsExt, chown},
        net::UnixStream as Probe,
    },
    path::{Path, PathBuf},
};

use listenfd::ListenFd;
use socket2::SockRef;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream, UnixListener, UnixStream},
};

use crate::{error::Error, policy::gateway::Endpoint};

/// A socket that waits for connections.
#[derive(Debug)]
pub enum Listener {
    /// A TCP port.
    Tcp(TcpListener),
    /// A socket in the file system, and its path if it is ours to remove.
    Unix(UnixListener, Option<PathBuf>),
}

/// Permissions and group of sockets in the file system.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// Permissions; 0660 where nothing is said.
    pub mode: Option<u32>,
    /// Group by name or number.
    pub group: Option<String>,
}

/// Where a listener is reached.
#[derive(Debug, Clone)]
pub enum Reach {
    /// At this address.
    Tcp(SocketAddr),
    /// At this path.
    Unix(PathBuf),
}

/// A connection.
#[derive(Debug)]
pub enum Stream {
    /// By TCP.
    Tcp(TcpStream),
    /// By a socket in the file system.
    Unix(UnixStream),
}

/// Opens all the endpoints. It must be called within a runtime.
pub async fn open(endpoints: &[Endpoint], access: &Access) -> Result<Vec<Listener>, Error> {
    let mut listeners = Vec::new();
    for endpoint in endpoints {
        let failed = |error: io::Error| {
            Error::Usage(format!("cannot listen at {endpoint}: {error}; {}", remedy(error.kind())))
        };
        match endpoint {
            Endpoint::Unix(path) => listeners.push(unix(path, access).map_err(failed)?),
            Endpoint::Tcp(host, port) => {
                let listener = TcpListener::bind((host.as_str(), *port)).await.map_err(failed)?;
                listeners.push(Listener::Tcp(listener));
            }
            Endpoint::Systemd => listeners.extend(systemd().map_err(failed)?),
        }
    }
    Ok(listeners)
}

fn remedy(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::AddrInUse => "stop what listens there, or name another place",
        io::ErrorKind::PermissionDenied => "let this user write there, or name another place",
        io::ErrorKind::NotFound => "make the folder first; `systemd` needs a socket unit",
        _ => "name another place",
    }
}

fn unix(path: &Path, access: &Access) -> io::Result<Listener> {
    // What a killed process left behind is in the way; what somebody listens at is not ours.
    let is_socket = fs::symlink_metadata(path).is_ok_and(|known| known.file_type().is_socket());
    if is_socket && Probe::connect(path).is_err() {
        fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    if let Some(group) = &access.group {
        chown(path, None, Some(group_id(group)?))?;
    }
    fs::set_permissions(path, fs::Permissions::from_mode(access.mode.unwrap_or(0o660)))?;
    Ok(Listener::Unix(listener, Some(path.to_owned())))
}

fn group_id(group: &str) -> io::Result<u32> {
    if let Ok(number) = group.parse() {
        return Ok(number);
    }
    let found = nix::unistd::Group::from_name(group)?;
    found
        .map(|group| group.gid.as_raw())
        .ok_or_else(|| io::Error::other(format!("no group is called {group}")))
}

/// The sockets that systemd opened for us.
fn systemd() -> io::Result<Vec<Listener>> {
    let mut handed = ListenFd::from_env();
    let mut listeners = Vec::new();
    for index in 0..handed.len() {
        if let Ok(Some(listener)) = handed.take_unix_listener(index) {
            listener.set_nonblocking(true)?;
            listeners.push(Listener::Unix(UnixListener::from_std(listener)?, None));
        } else if let Some(listener) = handed.take_tcp_listener(index)? {
            listener.set_nonblocking(true)?;
            listeners.push(Listener::Tcp(TcpListener::from_std(listener)?));
        }
    }
    if listeners.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "systemd handed over no socket"));
    }
    Ok(listeners)
}

impl Listener {
    /// The next connection.
    pub async fn accept(&self) -> io::Result<Stream> {
        match self {
            Listener::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Stream::Tcp(stream))
            }
            Listener::Unix(listener, _) => Ok(Stream::Unix(listener.accept().await?.0)),
        }
    }

    /// Where it is reached from the same machine.
    pub fn reach(&self) -> Option<Reach> {
        match self {
            Listener::Tcp(listener) => {
                let mut address = listener.local_addr().ok()?;
                match address.ip() {
                    IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
                    IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
                    _ => {}
                }
                Some(Reach::Tcp(address))
            }
            Listener::Unix(listener, _) => {
                let address = listener.local_addr().ok()?;
                Some(Reach::Unix(address.as_pathname()?.to_owned()))
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Listener::Unix(_, Some(path)) = self {
            // It may be gone already.
            let _ = fs::remove_file(path);
        }
    }
}

impl Reach {
    /// Connects.
    pub async fn connect(&self) -> io::Result<Stream> {
        Ok(match self {
            Reach::Tcp(address) => Stream::Tcp(TcpStream::connect(address).await?),
            Reach::Unix(path) => Stream::Unix(UnixStream::connect(path).await?),
        })
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reach::Tcp(address) => write!(f, "inet:{address}"),
            Reach::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl Stream {
    /// Waits until something can be read.
    pub async fn readable(&self) -> io::Result<()> {
        match self {
            Stream::Tcp(stream) => {
                // The mail server sends a message in several small writes and waits for each to be acknowledged (Nagle):
                // without this every message takes 43 ms. The kernel takes it back after a while, so it is said each time.
                #[cfg(target_os = "linux")]
                SockRef::from(stream).set_tcp_quickack(true)?;
                stream.readable().await
            }
            Stream::Unix(stream) => stream.readable().await,
        }
    }

    /// Appends what has come, if anything; 0 at the end.
    pub fn read(&self, into: &mut Vec<u8>) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => stream.try_read_buf(into),
            Stream::Unix(stream) => stream.try_read_buf(into),
        }
    }

    /// Writes all.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Stream::Tcp(stream) => stream.write_all(bytes).await,
            Stream::Unix(stream) => stream.write_all(bytes).await,
        }
    }
}
