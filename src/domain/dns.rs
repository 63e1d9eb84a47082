//! What is asked of the DNS, and what it answers. The checks know only [`Dns`]: [`super::resolve`] asks real servers, tests a table.
//!
//! That a name holds no record of a kind is an answer; a name that does not exist, and each way of getting no answer, is a [`Failure`].

use std::net::IpAddr;

/// Something that answers questions to the DNS.
pub trait Dns {
    /// The records of a kind at a name, aliases followed.
    fn ask(&self, name: &str, kind: Kind) -> Answer;
}

/// Kinds of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A
    Address,
    /// AAAA
    Address6,
    /// CNAME
    Alias,
    /// MX
    Exchange,
    /// TXT
    Text,
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// A or AAAA.
    Address(IpAddr),
    /// CNAME: the name that is meant.
    Alias(String),
    /// MX.
    Exchange {
        /// The lower, the sooner tried.
        preference: u16,
        /// Lower case, without the last dot; empty for the root.
        host: String,
    },
    /// TXT, its strings joined as RFC 7208 3.3 says.
    Text(String),
}

/// Records of one name and kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// None where the name has none of that kind.
    pub list: Vec<Record>,
    /// Seconds for which caches keep the answer.
    pub ttl: Option<u32>,
}

/// What comes of a question.
pub type Answer = Result<Records, Failure>;

/// Why there are no records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Failure {
    /// NXDOMAIN: nothing has this name.
    NoSuchName,
    /// Nobody can be reached.
    NoNetwork,
    /// The system names no server to ask.
    NoResolver,
    /// No answer in time.
    TimedOut,
    /// SERVFAIL: the server asked could not find out.
    ServerFailure,
    /// The server asked does not answer such questions.
    Refused,
    /// The answer cannot be understood, or the name cannot be asked for.
    Malformed,
}

impl Failure {
    /// The id of the finding that says so.
    pub fn id(self) -> &'static str {
        match self {
            Failure::NoSuchName => "dns.no-such-name",
            Failure::NoNetwork => "dns.no-network",
            Failure::NoResolver => "dns.no-resolver",
            Failure::TimedOut => "dns.time-out",
            Failure::ServerFailure => "dns.server-failure",
            Failure::Refused => "dns.refused",
            Failure::Malformed => "dns.malformed",
        }
    }
}

/// What comes of a question, with the seconds for which caches keep it.
pub(super) type Told<T> = Result<(T, Option<u32>), Failure>;

impl dyn Dns + '_ {
    /// The TXT records of a name.
    pub(super) fn texts(&self, name: &str) -> Told<Vec<String>> {
        let records = self.ask(name, Kind::Text)?;
        let text = |record| match record {
            Record::Text(text) => Some(text),
            _ => None,
        };
        Ok((records.list.into_iter().filter_map(text).collect(), records.ttl))
    }

    /// The addresses of a name, of both families. Where one family has some, it does not matter what is said of the other: some servers deny a name that lacks one.
    pub(super) fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, Failure> {
        let of = |kind| {
            let records: Records = self.ask(name, kind)?;
            let addresses = records.list.into_iter().filter_map(|record| match record {
                Record::Address(address) => Some(address),
                _ => None,
            });
            Ok(addresses.collect::<Vec<IpAddr>>())
        };
        match (of(Kind::Address), of(Kind::Address6)) {
            (Ok(mut four), Ok(six)) => {
                four.extend(six);
                Ok(four)
            }
            (Ok(list), Err(_)) | (Err(_), Ok(list)) if !list.is_empty() => Ok(list),
            (Err(failure), _) | (_, Err(failure)) => Err(failure),
        }
    }

    /// The mail exchangers of a name: preference and host, the first to be tried first.
    pub(super) fn exchanges(&self, name: &str) -> Told<Vec<(u16, String)>> {
        let records = self.ask(name, Kind::Exchange)?;
        let exchange = |record| match record {
            Record::Exchange { preference, host } => Some((preference, host)),
            _ => None,
        };
        let mut found: Vec<(u16, String)> = records.list.into_iter().filter_map(exchange).collect();
        found.sort();
        Ok((found, records.ttl))
    }
}
