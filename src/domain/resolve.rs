//! Questions to the DNS over the network: the system's resolver, or one that the user names.
//!
//! One question at a time, each with a time limit of its own and all with one together: where nobody answers, nobody is asked twenty times.

use std::{
    cell::Cell,
    net::SocketAddr,
    time::{Duration, Instant},
};

use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts},
    net::{DnsError, NetError, runtime::TokioRuntimeProvider},
    proto::{
        op::ResponseCode,
        rr::{Name, RData, RecordType},
    },
};
use tokio::{net::UdpSocket, runtime::Runtime};

use super::dns::{Answer, Dns, Failure, Kind, Record, Records};

/// How long one question may take, tried twice within it, and all questions of a run together.
const QUESTION: Duration = Duration::from_secs(5);
const ALL: Duration = Duration::from_secs(30);
/// How long to listen for packets that come back.
const PROBE: Duration = Duration::from_millis(500);

/// The DNS over the network.
pub struct Resolver {
    runtime: Runtime,
    /// None where the system names no server.
    resolver: Option<TokioResolver>,
    /// The one that the user named.
    server: Option<SocketAddr>,
    /// Whether nobody is there at all, once that is known.
    is_absent: Cell<Option<bool>>,
    end: Instant,
}

impl std::fmt::Debug for Resolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resolver").finish_non_exhaustive()
    }
}

impl Resolver {
    /// Asks `server`, or whom the system asks. Fails where no thread or socket can be had.
    pub fn new(server: Option<SocketAddr>) -> std::io::Result<Resolver> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let resolver = {
            // Sockets of the resolver belong to the runtime that it is made in.
            let _in_runtime = runtime.enter();
            build(server)
        };
        Ok(Resolver { runtime, resolver, server, is_absent: Cell::new(None), end: Instant::now() + ALL })
    }

    /// Whether nobody is there to answer, after a question that had no answer. The resolver waits for any answer alike; a connected socket learns that its packets come back.
    fn is_absent(&self) -> bool {
        if let Some(known) = self.is_absent.get() {
            return known;
        }
        let is_absent = self.server.is_some_and(|server| {
            self.runtime.block_on(async {
                tokio::time::timeout(PROBE, probe(server)).await.is_ok_and(|sent| sent.is_err())
            })
        });
        self.is_absent.set(Some(is_absent));
        is_absent
    }
}

/// Asks for the name servers of the root, and waits for any answer.
async fn probe(server: SocketAddr) -> std::io::Result<()> {
    let local = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(local).await?;
    socket.connect(server).await?;
    // Header with recursion desired and one question: the root, NS, IN.
    socket.send(&[0x70, 0x73, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1]).await?;
    socket.recv(&mut [0; 512]).await.map(drop)
}

fn build(server: Option<SocketAddr>) -> Option<TokioResolver> {
    let builder = match server {
        Some(server) => {
            let at_port = |mut connection: ConnectionConfig| {
                connection.port = server.port();
                connection
            };
            let connections = vec![at_port(ConnectionConfig::udp()), at_port(ConnectionConfig::tcp())];
            let config = ResolverConfig::from_name_servers(vec![NameServerConfig::new(
                server.ip(),
                true,
                connections,
            )]);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        }
        None => TokioResolver::builder_tokio().ok()?,
    };
    let options = ResolverOpts::default();
    let mut builder = builder.with_options(options);
    let options = builder.options_mut();
    options.timeout = QUESTION / 2;
    options.attempts = 1;
    options.use_hosts_file = ResolveHosts::Never;
    builder.build().ok()
}

impl Dns for Resolver {
    fn ask(&self, name: &str, kind: Kind) -> Answer {
        let resolver = self.resolver.as_ref().ok_or(Failure::NoResolver)?;
        let mut wanted = Name::from_utf8(name).map_err(|_| Failure::Malformed)?;
        wanted.set_fqdn(true);
        let left = self.end.saturating_duration_since(Instant::now()).min(QUESTION);
        if self.is_absent.get() == Some(true) {
            return Err(Failure::NoNetwork);
        }
        if left.is_zero() {
            return Err(Failure::TimedOut);
        }
        let kind_asked = match kind {
            Kind::Address => RecordType::A,
            Kind::Address6 => RecordType::AAAA,
            Kind::Alias => RecordType::CNAME,
            Kind::Exchange => RecordType::MX,
            Kind::Text => RecordType::TXT,
        };
        let answer = self
            .runtime
            .block_on(async { tokio::time::timeout(left, resolver.lookup(wanted, kind_asked)).await });
        match answer {
            Err(_) | Ok(Err(NetError::Timeout)) if self.is_absent() => Err(Failure::NoNetwork),
            Err(_) => Err(Failure::TimedOut),
            Ok(Ok(found)) => {
                let of_kind = found.answers().iter().filter(|record| record.record_type() == kind_asked);
                let ttl = of_kind.clone().map(|record| record.ttl).min();
                Ok(Records { list: of_kind.filter_map(|record| read(&record.data)).collect(), ttl })
            }
            Ok(Err(error)) => failed(&error),
        }
    }
}

/// A record as the checks know it.
fn read(data: &RData) -> Option<Record> {
    Some(match data {
        RData::A(address) => Record::Address(address.0.into()),
        RData::AAAA(address) => Record::Address(address.0.into()),
        RData::CNAME(name) => Record::Alias(plain(&name.0)),
        RData::MX(exchange) => {
            Record::Exchange { preference: exchange.preference, host: plain(&exchange.exchange) }
        }
        RData::TXT(text) => Record::Text(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
        _ => return None,
    })
}

/// A name in lower case, without its last dot.
fn plain(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_lowercase()
}

fn failed(error: &NetError) -> Answer {
    Err(match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) => match none.response_code {
            ResponseCode::NXDomain => Failure::NoSuchName,
            ResponseCode::NoError => return Ok(Records { list: Vec::new(), ttl: none.negative_ttl }),
            ResponseCode::Refused => Failure::Refused,
            _ => Failure::ServerFailure,
        },
        NetError::Dns(DnsError::ResponseCode(ResponseCode::Refused | ResponseCode::NotAuth)) => {
            Failure::Refused
        }
        NetError::Dns(_) => Failure::ServerFailure,
        NetError::Timeout => Failure::TimedOut,
        NetError::Io(_) | NetError::NoConnections | NetError::Busy => Failure::NoNetwork,
        _ => Failure::Malformed,
    })
}
