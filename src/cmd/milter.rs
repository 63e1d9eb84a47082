//! `presend milter`: behind a mail server, for all its outgoing mail.

use std::{
    cell::RefCell,
    fs,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Args, ValueEnum};
use tokio::{
    runtime::{Builder, Runtime},
    signal::unix::{SignalKind, signal},
    time::sleep,
};

use super::{Outcome, complain, print, since_start, today};
use crate::{
    Filter,
    error::Error,
    gateway::{
        Regime, Service, ask_to_reload,
        listen::{self, Access, Reach},
    },
    message::Limits,
    policy::{
        Context, Policy,
        gateway::{Endpoint, Gateway, LogFormat, parse_mode},
    },
    verdict::Detail,
};

/// Judge outgoing mail in the mail server, as a milter
///
/// Listens for Postfix or Sendmail, judges each message when it is complete, and has it accepted, held or refused as `[gateway]` of the policy
/// says. SIGHUP takes the policy anew, SIGTERM finishes the messages that are on their way.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  presend milter --listen inet:127.0.0.1:8891 --dry-run\n  presend milter --policy /etc/presend.toml --listen unix:/var/spool/postfix/presend/milter.sock --socket-group postfix\n  presend milter --policy /etc/presend.toml --check-config"
)]
pub(super) struct Milter {
    /// Where to listen, in place of the policy's `listen`: unix:PATH, inet:HOST:PORT, `inet6:[HOST]:PORT`, systemd; several: again
    #[arg(long, value_name = "WHERE", value_parser = endpoint)]
    listen: Vec<Endpoint>,
    /// Permissions of the sockets made in the file system, in octal; 0660 when missing
    #[arg(long, value_name = "MODE", value_parser = mode)]
    socket_mode: Option<u32>,
    /// Group of the sockets made in the file system, by name or number
    #[arg(long, value_name = "GROUP")]
    socket_group: Option<String>,
    /// Where metrics, health and reload are, in place of the policy's `admin`: unix:PATH, inet:HOST:PORT
    #[arg(long, value_name = "WHERE", value_parser = endpoint)]
    admin: Option<Endpoint>,
    /// Policy of the organisation (presend.toml); without it the packs that ship with presend
    #[arg(long, value_name = "FILE", env = "PRESEND_POLICY")]
    policy: Option<PathBuf>,
    /// Judge and log only; every message is accepted
    #[arg(long)]
    dry_run: bool,
    /// How to log, in place of the policy's `format`
    #[arg(long, value_enum, value_name = "FORMAT")]
    log: Option<Format>,
    /// Log connections that came to nothing as well
    #[arg(long)]
    verbose: bool,
    /// Check the policy and the options, and end
    #[arg(long)]
    check_config: bool,
    /// Have the service at the admin address take its policy anew, and end
    #[arg(long, conflicts_with = "check_config")]
    reload: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// How often it is looked whether a new day makes waivers expire.
const DAY_CHECK: Duration = Duration::from_secs(600);

impl Milter {
    pub(super) fn run(self) -> Result<Outcome, Error> {
        let regime = self.source().regime()?;
        let settings = &regime.settings;
        let admin = self.admin.clone().or_else(|| settings.admin.clone());
        if self.reload {
            return reload(admin.as_ref());
        }
        let endpoints = if self.listen.is_empty() { settings.listen.clone() } else { self.listen.clone() };
        if endpoints.is_empty() {
            let problem =
                "nowhere to listen; give --listen unix:PATH, or `listen` in [gateway] of the policy";
            return Err(Error::Usage(problem.into()));
        }
        if self.check_config {
            print(&summary(&regime, &endpoints, admin.as_ref()))?;
            return Ok(Outcome::Passes);
        }
        self.start_log(settings);
        let access = Access {
            mode: self.socket_mode.or(settings.socket_mode),
            group: self.socket_group.clone().or_else(|| settings.socket_group.clone()),
        };
        let source = self.source();
        let service = Service::new(regime, Box::new(move || source.regime()))?;
        runtime()?.block_on(serve(service, &endpoints, admin, &access))?;
        Ok(Outcome::Passes)
    }

    fn source(&self) -> Source {
        Source { policy: self.policy.clone(), dry_run: self.dry_run }
    }

    fn start_log(&self, settings: &Gateway) {
        let format = match self.log {
            Some(Format::Text) => LogFormat::Text,
            Some(Format::Json) => LogFormat::Json,
            None => settings.log.format,
        };
        let level = if self.verbose { tracing::Level::DEBUG } else { tracing::Level::INFO };
        let log = tracing_subscriber::fmt()
            .with_writer(io::stderr)
            .with_max_level(level)
            .with_target(false)
            .with_ansi(
                io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
            );
        // The journal knows the time itself.
        let is_journal = std::env::var_os("JOURNAL_STREAM").is_some();
        match format {
            LogFormat::Json => {
                log.json().flatten_event(true).with_current_span(false).with_span_list(false).init();
            }
            LogFormat::Text if is_journal => log.without_time().init(),
            LogFormat::Text => log.init(),
        }
        // A panic's own words may quote the message: only its place is said.
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
            tracing::error!(target: "presend", place, "internal error; please report it with the version of presend");
        }));
    }
}

/// Where a regime comes from, again and again.
struct Source {
    policy: Option<PathBuf>,
    dry_run: bool,
}

impl Source {
    fn regime(&self) -> Result<Regime, Error> {
        let texts = RefCell::new(blake3::Hasher::new());
        texts.borrow_mut().update(env!("CARGO_PKG_VERSION").as_bytes());
        let read = |path: &Path| {
            let text = fs::read_to_string(path).map_err(|error| Error::io(path, error))?;
            texts.borrow_mut().update(text.as_bytes());
            Ok(text)
        };
        let today = today();
        let policy = match &self.policy {
            Some(path) => Policy::load(path, &read(path)?, &Context { read: &read, today: &today })?,
            None => Policy { year: today[..4].parse().ok(), ..Policy::shipped() },
        };
        for warning in &policy.warnings {
            complain(warning);
        }
        let mut settings = policy.gateway.clone();
        settings.dry_run |= self.dry_run;
        let filter = Filter::new(policy, Detail::Places)?;
        let limits = *filter.limits();
        let time = limits.time.min(settings.limits.deadline);
        let filter = filter.with_limits(Limits { clock: Some(since_start), time, ..limits });
        let version = texts.borrow().finalize().to_hex()[..12].to_owned();
        Ok(Regime::new(Box::new(filter), settings, version))
    }
}

fn runtime() -> Result<Runtime, Error> {
    // Bytes are moved on one thread; judging has its own.
    Builder::new_current_thread().enable_all().build().map_err(|error| {
        Error::Usage(format!("cannot start: {error}; raise the limits of processes and files"))
    })
}

async fn serve(
    service: Service,
    endpoints: &[Endpoint],
    admin: Option<Endpoint>,
    access: &Access,
) -> Result<(), Error> {
    let unable = |error| Error::Usage(format!("cannot handle signals: {error}; try again"));
    let mut terminate = signal(SignalKind::terminate()).map_err(unable)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(unable)?;
    let mut hangup = signal(SignalKind::hangup()).map_err(unable)?;
    let listeners = listen::open(endpoints, access).await?;
    let admin = match admin {
        Some(endpoint) => listen::open(&[endpoint], access).await?.into_iter().next(),
        None => None,
    };
    for listener in &listeners {
        let place = listener.reach().map(|reach| reach.to_string());
        tracing::info!(target: "presend", place, version = env!("CARGO_PKG_VERSION"), "listening");
    }
    let reloading = service.clone();
    let reloads = tokio::spawn(async move {
        let mut day = today();
        loop {
            tokio::select! {
                _ = hangup.recv() => {}
                () = sleep(DAY_CHECK) => if day == today() { continue },
            }
            day = today();
            // It is in the log, whatever comes of it.
            let _ = reloading.reload().await;
        }
    });
    let stop = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tell_systemd("STOPPING=1");
    };
    tell_systemd("READY=1");
    #[cfg(target_os = "linux")]
    if let Some(systemd) = systemd() {
        tokio::spawn(systemd.watch(service.clone()));
    }
    service.run(listeners, admin, stop).await;
    reloads.abort();
    Ok(())
}

#[cfg(target_os = "linux")]
fn systemd() -> Option<crate::gateway::Systemd> {
    let socket = std::env::var("NOTIFY_SOCKET").ok()?;
    let interval = std::env::var("WATCHDOG_USEC").ok().and_then(|micros| micros.parse().ok());
    Some(crate::gateway::Systemd { socket, watchdog: interval.map(Duration::from_micros) })
}

#[cfg(target_os = "linux")]
fn tell_systemd(what: &str) {
    if let Some(Err(error)) = systemd().map(|systemd| systemd.tell(what)) {
        tracing::warn!(target: "presend", %error, "cannot tell systemd");
    }
}

#[cfg(not(target_os = "linux"))]
fn tell_systemd(_: &str) {}

/// Asks the running service to take its policy anew.
fn reload(admin: Option<&Endpoint>) -> Result<Outcome, Error> {
    let Some(admin) = admin else {
        let problem =
            "the service has no admin address; give --admin or `admin` in [gateway], or send SIGHUP";
        return Err(Error::Usage(problem.into()));
    };
    let reach = match admin {
        Endpoint::Unix(path) => Reach::Unix(path.clone()),
        Endpoint::Tcp(host, port) => {
            match std::net::ToSocketAddrs::to_socket_addrs(&(host.as_str(), *port)) {
                Ok(mut addresses) => {
                    addresses.next().map(Reach::Tcp).ok_or_else(|| unreached(admin, "no address"))?
                }
                Err(error) => return Err(unreached(admin, &error.to_string())),
            }
        }
        Endpoint::Systemd => {
            return Err(Error::Usage("`systemd` is no address to connect to; name it".into()));
        }
    };
    let answer = runtime()?.block_on(ask_to_reload(&reach));
    match answer.map_err(|error| unreached(admin, &error.to_string()))? {
        Ok(said) => {
            print(&(said + "\n"))?;
            Ok(Outcome::Passes)
        }
        Err(reason) => Err(Error::Usage(format!("policy refused, the old one stays: {reason}"))),
    }
}

fn unreached(admin: &Endpoint, why: &str) -> Error {
    Error::Usage(format!("no service at {admin}: {why}; is it running?"))
}

/// What `--check-config` says.
fn summary(regime: &Regime, endpoints: &[Endpoint], admin: Option<&Endpoint>) -> String {
    let settings = &regime.settings;
    let places: Vec<String> = endpoints.iter().map(ToString::to_string).collect();
    let admin = admin.map_or_else(|| "none".to_owned(), ToString::to_string);
    let mode = if settings.dry_run { " (dry run: every message is accepted)" } else { "" };
    format!(
        "policy    {}\nlisten    {}\nadmin     {admin}\nreview    {}{mode}\nreject    {}{mode}\nfailures  error {}, deadline {} after {} s\n",
        regime.version,
        places.join(", "),
        settings.actions.review.as_str(),
        settings.actions.reject.as_str(),
        settings.failures.error.as_str(),
        settings.failures.deadline.as_str(),
        settings.limits.deadline.as_secs(),
    )
}

fn endpoint(text: &str) -> Result<Endpoint, &'static str> {
    text.parse()
}

fn mode(text: &str) -> Result<u32, &'static str> {
    parse_mode(text).ok_or("write it in octal, as 0660")
}
