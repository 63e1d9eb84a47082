//! `[gateway]` of `presend.toml`: what the milter does with a verdict, what it does when it has none, its bounds, and what it logs.
//!
//! The table as it is written is checked here once; [`Gateway`] holds what is valid, so that nothing is left to find out while mail is passing.

mod table;

use std::{fmt, net::IpAddr, path::PathBuf, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) use self::table::GatewayTable;

/// How the gateway is set.
#[derive(Debug, Clone, Default)]
pub struct Gateway {
    /// Where it listens.
    pub listen: Vec<Endpoint>,
    /// Permissions of the sockets that it makes in the file system.
    pub socket_mode: Option<u32>,
    /// Group of the sockets that it makes in the file system, by name or number.
    pub socket_group: Option<String>,
    /// Where it tells of itself: metrics, health, reload.
    pub admin: Option<Endpoint>,
    /// Where a sender who was refused finds help.
    pub help_url: Option<String>,
    /// Whether it only judges and logs.
    pub dry_run: bool,
    /// Whether a message gets the header field X-Presend-Verdict.
    pub tag: bool,
    /// Senders whose mail is not judged.
    pub exempt_senders: Vec<Pattern>,
    /// Logins whose mail is not judged, lower case.
    pub exempt_logins: Vec<String>,
    /// What is done with a message by its verdict.
    pub actions: Actions,
    /// What is done where there is no full verdict.
    pub failures: Failures,
    /// What is different for some recipients; the first that fits counts.
    pub recipients: Vec<Destination>,
    /// Bounds.
    pub limits: Bounds,
    /// What is logged.
    pub log: Log,
}

/// What the mail server is told to do with a message, in order of severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// It goes out.
    Accept,
    /// It waits in the mail server's hold queue until a person lets it go.
    Hold,
    /// The sending side is told to try again later.
    Tempfail,
    /// It is refused for good.
    Reject,
}

/// What is done with a message by its verdict; one that passes is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actions {
    /// With one that a person should look at.
    pub review: Answer,
    /// With one that would be rejected.
    pub reject: Answer,
}

/// What is done where there is no full verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failures {
    /// presend itself failed.
    pub error: Answer,
    /// The time was up.
    pub deadline: Answer,
    /// The message is larger than it may be; `None`: what `[not_inspected]` says of `over-limit`.
    pub too_large: Option<Answer>,
    /// Part of the message could not be read; `None`: the policy's decision.
    pub not_inspected: Option<Answer>,
}

/// What is different for some recipients.
#[derive(Debug, Clone)]
pub struct Destination {
    /// Their addresses or domains.
    pub to: Vec<Pattern>,
    /// How strictly.
    pub mode: Mode,
    /// What is done by verdict.
    pub actions: Actions,
}

/// How strictly a message is dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// It is not judged, if all its recipients are so.
    Off,
    /// It is judged and logged.
    DryRun,
    /// It is dealt with as its verdict says.
    Enforce,
}

/// Bounds of the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// Connections at a time; more wait.
    pub connections: usize,
    /// Messages at a time; more are told to come again.
    pub messages: usize,
    /// Bytes of messages that are held in memory; a quarter is for those that come in, the rest for those that are judged.
    pub memory: usize,
    /// Bytes of one message.
    pub message: usize,
    /// From so many bytes on a message is kept in a file until it is complete.
    pub spool_from: usize,
    /// Folder of such files; they have no name there.
    pub spool_folder: PathBuf,
    /// Threads that judge; 0: as many as there are cores.
    pub threads: usize,
    /// How long the judging of a message may take, waiting included.
    pub deadline: Duration,
    /// How long a connection may say nothing.
    pub idle: Duration,
    /// How long messages may take to be finished when the service stops.
    pub grace: Duration,
    /// Verdicts that are remembered.
    pub cache: usize,
}

/// What is logged.
#[derive(Debug, Clone, Default)]
pub struct Log {
    /// How a line is written.
    pub format: LogFormat,
    /// What is private and shown all the same.
    pub show: Vec<Shown>,
}

/// How a line of the log is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// `name=value`, for people.
    #[default]
    Text,
    /// One JSON object.
    Json,
}

/// What a line of the log shows only where it is asked for by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Shown {
    /// Envelope sender.
    Sender,
    /// Envelope recipients.
    Recipients,
    /// Who is logged in.
    Login,
    /// Address of the SMTP client.
    Client,
    /// Subject, as it is in the header.
    Subject,
}

/// Where to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// A socket in the file system.
    Unix(PathBuf),
    /// A TCP port.
    Tcp(String, u16),
    /// The sockets that systemd hands over.
    Systemd,
}

/// An address, or a domain with its subdomains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

impl Answer {
    /// The name in policy, log and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Answer::Accept => "accept",
            Answer::Hold => "hold",
            Answer::Tempfail => "tempfail",
            Answer::Reject => "reject",
        }
    }
}

impl Default for Actions {
    fn default() -> Actions {
        Actions { review: Answer::Hold, reject: Answer::Reject }
    }
}

impl Default for Failures {
    fn default() -> Failures {
        Failures { error: Answer::Tempfail, deadline: Answer::Tempfail, too_large: None, not_inspected: None }
    }
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            connections: 1000,
            messages: 200,
            memory: 256 << 20,
            message: 64 << 20,
            spool_from: 256 << 10,
            spool_folder: PathBuf::from("/var/tmp"),
            threads: 0,
            deadline: Duration::from_secs(20),
            idle: Duration::from_secs(600),
            grace: Duration::from_secs(30),
            cache: 1000,
        }
    }
}

impl Pattern {
    /// A pattern, if it is one.
    pub fn new(text: &str) -> Option<Pattern> {
        let text = text.trim().to_lowercase();
        let (local, domain) = text.rsplit_once('@').unwrap_or(("", &text));
        let odd = |c: char| c.is_whitespace() || matches!(c, '*' | '@' | '<' | '>');
        let is_domain = domain.contains('.') && !domain.contains(odd) && !domain.starts_with('.');
        let pattern = if local.is_empty() { domain } else { &text };
        (is_domain && !local.contains(odd)).then(|| Pattern(pattern.to_owned()))
    }

    /// Whether an address, in lower case, is meant.
    pub fn matches(&self, address: &str) -> bool {
        if self.0.contains('@') {
            return address == self.0;
        }
        let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
        domain.strip_suffix(self.0.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }
}

impl std::str::FromStr for Endpoint {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Endpoint, &'static str> {
        const WAYS: &str =
            "write unix:/run/presend/milter.sock, inet:127.0.0.1:8891, inet6:[::1]:8891 or systemd";
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        match kind {
            "systemd" if rest.is_empty() => Ok(Endpoint::Systemd),
            "unix" | "local" if !rest.is_empty() => Ok(Endpoint::Unix(PathBuf::from(rest))),
            "inet" | "inet6" => {
                // Sendmail writes port@host.
                let (host, port) = match rest.split_once('@') {
                    Some((port, host)) => (host, port),
                    None => rest.rsplit_once(':').ok_or(WAYS)?,
                };
                let host = host.trim_start_matches('[').trim_end_matches(']');
                let port = port.parse().map_err(|_| WAYS)?;
                let fits = match host.parse::<IpAddr>() {
                    Ok(address) => address.is_ipv6() == (kind == "inet6"),
                    Err(_) => !host.is_empty() && !host.contains(':'),
                };
                if fits { Ok(Endpoint::Tcp(host.to_owned(), port)) } else { Err(WAYS) }
            }
            _ => Err(WAYS),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Endpoint::Unix(path) => write!(f, "unix:{}", path.display()),
            Endpoint::Tcp(host, port) if host.contains(':') => write!(f, "inet6:[{host}]:{port}"),
            Endpoint::Tcp(host, port) => write!(f, "inet:{host}:{port}"),
            Endpoint::Systemd => f.write_str("systemd"),
        }
    }
}

/// Permissions in octal.
pub fn parse_mode(text: &str) -> Option<u32> {
    u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o777)
}
