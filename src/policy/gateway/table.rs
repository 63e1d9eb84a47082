//! The table `[gateway]` as it is written, and the checks that make it [`Gateway`].

use std::{ops::RangeInclusive, path::PathBuf, time::Duration};

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::{
    Actions, Answer, Bounds, Destination, Endpoint, Failures, Gateway, Log, LogFormat, Mode, Pattern, Shown,
    parse_mode,
};
use crate::{error::PolicyError, policy::Document};

/// `[gateway]` as it is written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::policy) struct GatewayTable {
    /// Where to listen: unix:PATH, inet:HOST:PORT, `inet6:[HOST]:PORT`, systemd.
    #[schemars(with = "Vec<String>")]
    listen: Vec<Spanned<String>>,
    /// Permissions of the sockets made in the file system, in octal; 0660 when missing.
    #[schemars(with = "Option<String>")]
    socket_mode: Option<Spanned<String>>,
    /// Group of the sockets made in the file system, by name or number.
    socket_group: Option<String>,
    /// Where metrics, health and reload are: unix:PATH, inet:HOST:PORT.
    #[schemars(with = "Option<String>")]
    admin: Option<Spanned<String>>,
    /// Where a refused sender finds help; part of the reply.
    #[schemars(with = "Option<String>")]
    help_url: Option<Spanned<String>>,
    /// Judge and log only; every message is accepted.
    dry_run: bool,
    /// Add the header field X-Presend-Verdict.
    tag: bool,
    /// Senders whose mail is not judged: addresses, or domains with their subdomains.
    #[schemars(with = "Vec<String>")]
    exempt_senders: Vec<Spanned<String>>,
    /// Logins (SASL) whose mail is not judged.
    exempt_logins: Vec<String>,
    /// What is done by verdict.
    actions: ActionsTable,
    /// What is done where there is no full verdict.
    failures: FailuresTable,
    /// What is different for some recipients.
    #[schemars(with = "Vec<DestinationTable>")]
    recipients: Vec<Spanned<DestinationTable>>,
    /// Bounds.
    limits: LimitsTable,
    /// What is logged.
    log: LogTable,
}

/// What is done by verdict.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct ActionsTable {
    /// `hold` when missing.
    review: Option<Answer>,
    /// `reject` when missing.
    reject: Option<Answer>,
}

/// What is done where there is no full verdict.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct FailuresTable {
    /// presend itself failed; `tempfail` when missing.
    error: Option<Answer>,
    /// The time was up; `tempfail` when missing.
    deadline: Option<Answer>,
    /// The message is larger than `message_mb`; what `[not_inspected]` says of `over-limit` when missing.
    too_large: Option<Answer>,
    /// Part of it could not be read; the policy's decision when missing.
    not_inspected: Option<Answer>,
}

/// What is different for some recipients.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DestinationTable {
    /// Addresses, or domains with their subdomains.
    to: Vec<String>,
    /// `enforce` when missing.
    mode: Option<Mode>,
    /// As in `[gateway.actions]` when missing.
    review: Option<Answer>,
    /// As in `[gateway.actions]` when missing.
    reject: Option<Answer>,
}

/// Bounds.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct LimitsTable {
    /// Connections at a time; 1000 when missing.
    #[schemars(with = "Option<u64>")]
    connections: Option<Spanned<u64>>,
    /// Messages at a time, further ones are told to come again; 200 when missing.
    #[schemars(with = "Option<u64>")]
    messages: Option<Spanned<u64>>,
    /// Megabytes of messages in memory; 256 when missing.
    #[schemars(with = "Option<u64>")]
    memory_mb: Option<Spanned<u64>>,
    /// Megabytes of one message; 64 when missing.
    #[schemars(with = "Option<u64>")]
    message_mb: Option<Spanned<u64>>,
    /// From so many kilobytes on a message that arrives is kept in a file; 256 when missing.
    #[schemars(with = "Option<u64>")]
    spool_from_kb: Option<Spanned<u64>>,
    /// Folder of these files; /var/tmp when missing.
    spool_folder: Option<PathBuf>,
    /// Threads that judge; one a core when missing.
    #[schemars(with = "Option<u64>")]
    threads: Option<Spanned<u64>>,
    /// Seconds that judging may take; 20 when missing.
    #[schemars(with = "Option<u64>")]
    deadline_seconds: Option<Spanned<u64>>,
    /// Seconds that a connection may say nothing; 600 when missing.
    #[schemars(with = "Option<u64>")]
    idle_seconds: Option<Spanned<u64>>,
    /// Seconds to finish messages in when the service stops; 30 when missing.
    #[schemars(with = "Option<u64>")]
    grace_seconds: Option<Spanned<u64>>,
    /// Verdicts that are remembered for messages that come again; 1000 when missing, 0 for none.
    #[schemars(with = "Option<u64>")]
    cache: Option<Spanned<u64>>,
}

/// What is logged.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct LogTable {
    /// `text` when missing.
    format: Option<LogFormat>,
    /// What is private and is logged all the same; nothing when missing.
    show: Vec<Shown>,
}

impl GatewayTable {
    /// The settings, checked.
    pub(in crate::policy) fn check(&self, document: &Document) -> Result<Gateway, PolicyError> {
        let actions = self.actions.over(Actions::default());
        let defaults = Failures::default();
        Ok(Gateway {
            listen: self.listen.iter().map(|text| endpoint(text, document)).collect::<Result<_, _>>()?,
            socket_mode: self.socket_mode.as_ref().map(|text| mode(text, document)).transpose()?,
            socket_group: self.socket_group.clone(),
            admin: self.admin.as_ref().map(|text| endpoint(text, document)).transpose()?,
            help_url: self.help_url.as_ref().map(|url| web_address(url, document)).transpose()?,
            dry_run: self.dry_run,
            tag: self.tag,
            exempt_senders: self
                .exempt_senders
                .iter()
                .map(|text| pattern(text.get_ref(), text.span().start, document))
                .collect::<Result<_, _>>()?,
            exempt_logins: self.exempt_logins.iter().map(|login| login.to_lowercase()).collect(),
            actions,
            failures: Failures {
                error: self.failures.error.unwrap_or(defaults.error),
                deadline: self.failures.deadline.unwrap_or(defaults.deadline),
                too_large: self.failures.too_large,
                not_inspected: self.failures.not_inspected,
            },
            recipients: self
                .recipients
                .iter()
                .map(|table| table.get_ref().check(actions, table.span().start, document))
                .collect::<Result<_, _>>()?,
            limits: self.limits.check(document)?,
            log: Log { format: self.log.format.unwrap_or_default(), show: self.log.show.clone() },
        })
    }
}

impl ActionsTable {
    fn over(self, rest: Actions) -> Actions {
        Actions { review: self.review.unwrap_or(rest.review), reject: self.reject.unwrap_or(rest.reject) }
    }
}

impl DestinationTable {
    fn check(&self, rest: Actions, at: usize, document: &Document) -> Result<Destination, PolicyError> {
        if self.to.is_empty() {
            let remedy = "list addresses or domains in it";
            return Err(document.error_at(at, "an entry of `gateway.recipients` has an empty `to`", remedy));
        }
        Ok(Destination {
            to: self.to.iter().map(|text| pattern(text, at, document)).collect::<Result<_, _>>()?,
            mode: self.mode.unwrap_or(Mode::Enforce),
            actions: ActionsTable { review: self.review, reject: self.reject }.over(rest),
        })
    }
}

impl LimitsTable {
    fn check(&self, document: &Document) -> Result<Bounds, PolicyError> {
        let rest = Bounds::default();
        let number = |name: &str, value: &Option<Spanned<u64>>, range: RangeInclusive<u64>| {
            let Some(value) = value else { return Ok(None) };
            if range.contains(value.get_ref()) {
                return Ok(usize::try_from(*value.get_ref()).ok());
            }
            let problem = format!("`{name}` is {}", value.get_ref());
            let remedy = format!("write a number from {} to {}", range.start(), range.end());
            Err(document.error_at(value.span().start, &problem, &remedy))
        };
        let seconds = |name, value, rest| {
            let number = number(name, value, 1..=86_400)?;
            Ok(number.map_or(rest, |seconds| Duration::from_secs(seconds as u64)))
        };
        let bounds = Bounds {
            connections: number("connections", &self.connections, 1..=100_000)?.unwrap_or(rest.connections),
            messages: number("messages", &self.messages, 1..=100_000)?.unwrap_or(rest.messages),
            memory: number("memory_mb", &self.memory_mb, 1..=1 << 20)?.map_or(rest.memory, |mb| mb << 20),
            message: number("message_mb", &self.message_mb, 1..=256)?.map_or(rest.message, |mb| mb << 20),
            spool_from: number("spool_from_kb", &self.spool_from_kb, 16..=1 << 20)?
                .map_or(rest.spool_from, |kb| kb << 10),
            spool_folder: self.spool_folder.clone().unwrap_or(rest.spool_folder),
            threads: number("threads", &self.threads, 1..=1024)?.unwrap_or(rest.threads),
            deadline: seconds("deadline_seconds", &self.deadline_seconds, rest.deadline)?,
            idle: seconds("idle_seconds", &self.idle_seconds, rest.idle)?,
            grace: seconds("grace_seconds", &self.grace_seconds, rest.grace)?,
            cache: number("cache", &self.cache, 0..=1_000_000)?.unwrap_or(rest.cache),
        };
        if bounds.memory / 4 * 3 < bounds.message {
            let at =
                self.memory_mb.as_ref().or(self.message_mb.as_ref()).map_or(0, |value| value.span().start);
            let problem = "`memory_mb` is too small for `message_mb`: a quarter of it is kept for messages that come in";
            return Err(document.error_at(at, problem, "raise `memory_mb` or lower `message_mb`"));
        }
        Ok(bounds)
    }
}

fn endpoint(text: &Spanned<String>, document: &Document) -> Result<Endpoint, PolicyError> {
    let problem = || format!("`{}` is no place to listen at", text.get_ref());
    text.get_ref().parse().map_err(|remedy| document.error_at(text.span().start, &problem(), remedy))
}

fn mode(text: &Spanned<String>, document: &Document) -> Result<u32, PolicyError> {
    parse_mode(text.get_ref()).ok_or_else(|| {
        document.error_at(text.span().start, "`socket_mode` is no mode", "write it as \"0660\"")
    })
}

fn pattern(text: &str, at: usize, document: &Document) -> Result<Pattern, PolicyError> {
    let problem = || format!("`{text}` is neither an address nor a domain");
    let remedy = "write it as name@example.com or example.com; subdomains are included";
    Pattern::new(text).ok_or_else(|| document.error_at(at, &problem(), remedy))
}

fn web_address(url: &Spanned<String>, document: &Document) -> Result<String, PolicyError> {
    let text = url.get_ref();
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    // It goes into an SMTP reply: ASCII on one line of at most 512 bytes.
    if is_web && text.len() <= 300 && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(text.clone());
    }
    let remedy = "write a web address in ASCII of at most 300 bytes";
    Err(document.error_at(url.span().start, "`help_url` is no web address that fits a mail reply", remedy))
}
