//! The command line: one file per command. Here are the options that commands share, and exit codes.

mod check;
mod doctor;
mod explain;
mod filter;
mod learn;
#[cfg(unix)]
mod milter;
mod policy;
mod scan;
mod sendmail;
mod submission;

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::LazyLock,
    time::{Duration, Instant},
};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::{
    Filter,
    error::Error,
    message::Limits,
    policy::{Context, Language, Policy},
    verdict::{Decision, Detail, Envelope, Verdict},
};

/// Tells before an e-mail is sent whether the company's e-mail auditor would reject it, why, where, and what to change.
///
/// Exit codes: 0 every message passes; 1 at least one would not; 2 presend could not do its job.
#[derive(Parser)]
#[command(
    name = "presend",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    max_term_width = 100
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Every command. A new one is a file in this folder and a line here.
#[derive(Subcommand)]
enum Command {
    Check(check::Check),
    Doctor(doctor::Doctor),
    Filter(filter::Filter),
    Scan(scan::Scan),
    Explain(explain::Explain),
    #[command(subcommand)]
    Learn(learn::Learn),
    #[cfg(unix)]
    Milter(milter::Milter),
    Policy(policy::PolicyCommand),
    Sendmail(sendmail::Sendmail),
}

/// What a command comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Every message passes.
    Passes = 0,
    /// At least one would not.
    Objected = 1,
    /// presend could not do its job, or not all of it.
    Failed = 2,
}

/// Options of the commands that judge messages.
#[derive(Args)]
struct Common {
    /// Policy of the organisation (presend.toml); without it the packs that ship with presend
    #[arg(long, value_name = "FILE", env = "PRESEND_POLICY")]
    policy: Option<PathBuf>,
    /// Whose reading of attachments the report tells of, in place of the policy's: thorough, alimail
    #[arg(long, value_name = "NAME")]
    auditor: Option<String>,
    /// Envelope sender, in place of the From header's
    #[arg(long, value_name = "ADDRESS")]
    from: Option<String>,
    /// Envelope recipients, in place of those of To, Cc and Bcc; several: again, or with commas
    #[arg(long, value_name = "ADDRESS", value_delimiter = ',')]
    to: Vec<String>,
    /// Language of the report; auto follows LC_ALL, LC_MESSAGES, LANG
    #[arg(long, value_enum, default_value_t = LanguageChoice::Auto)]
    lang: LanguageChoice,
    /// From which decision on the exit code is 1
    #[arg(long, value_enum, default_value_t = FailOn::Review)]
    fail_on: FailOn,
    /// Show the values found, which are masked otherwise
    #[arg(long)]
    show_matches: bool,
    /// Show the evidence behind each finding: format, words around it, list, sum
    #[arg(long)]
    explain: bool,
    /// Colour; auto: on a terminal, unless NO_COLOR is set
    #[arg(long, value_enum, default_value_t = Choice::Auto)]
    color: Choice,
}

#[derive(Clone, Copy, ValueEnum)]
enum LanguageChoice {
    Auto,
    En,
    Zh,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Review,
    Reject,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Choice {
    Auto,
    Always,
    Never,
}

/// Runs the command line.
pub fn main() -> ExitCode {
    // A panic's own words may quote the message: only its place is said.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        complain(&format!("internal error at {place}; please report it with the version of presend"));
    }));
    if let Some(args) = sendmail::called(std::env::args_os()) {
        return sendmail::run(args);
    }
    let outcome = match parse().command {
        Command::Check(command) => command.run(),
        Command::Doctor(command) => command.run(),
        Command::Filter(command) => return command.run(),
        Command::Scan(command) => command.run(),
        Command::Explain(command) => command.run(),
        Command::Learn(command) => command.run(),
        #[cfg(unix)]
        Command::Milter(command) => command.run(),
        Command::Policy(command) => command.run(),
        // Called as such, it never comes here; this is its page of help.
        Command::Sendmail(_) => Ok(Outcome::Failed),
    };
    let outcome = outcome.unwrap_or_else(|error| {
        if !is_closed_pipe(&error) {
            complain(&error.to_string());
        }
        Outcome::Failed
    });
    ExitCode::from(outcome as u8)
}

/// The command line. A wrong one ends the program; a mail server that calls a filter with it keeps the mail.
fn parse() -> Cli {
    Cli::try_parse().unwrap_or_else(|error| {
        let is_filter = std::env::args_os().nth(1).is_some_and(|command| command == "filter");
        if is_filter && error.use_stderr() {
            let _ = error.print();
            std::process::exit(submission::Exit::Later as i32);
        }
        error.exit()
    })
}

/// Says on standard error what went wrong.
fn complain(text: &str) {
    // There is nowhere else to say it if this fails.
    let _ = writeln!(io::stderr().lock(), "presend: {}", printable(text));
}

/// Text without control characters: names come from anyone.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

/// Whether the reader of our output is gone, as `head` is after ten lines: no reason to complain.
fn is_closed_pipe(error: &Error) -> bool {
    matches!(error, Error::Io { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
}

/// Writes to standard output.
fn print(text: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| Error::io("standard output", error))
}

impl Common {
    /// The policy, compiled.
    fn filter(&self, detail: Detail) -> Result<Filter, Error> {
        compile(load_policy(self.policy.as_deref())?, self.auditor.as_deref(), detail)
    }

    fn envelope(&self) -> Envelope {
        Envelope {
            from: self.from.as_ref().map(|from| from.to_lowercase()),
            to: self.to.iter().map(|to| to.trim().to_lowercase()).collect(),
        }
    }

    fn language(&self) -> Language {
        self.lang.resolve()
    }

    fn colour(&self, terminal: bool) -> bool {
        wants_colour(self.color, terminal)
    }

    fn outcome(&self, verdict: &Verdict) -> Outcome {
        let from = match self.fail_on {
            FailOn::Review => Decision::Review,
            FailOn::Reject => Decision::Reject,
        };
        if verdict.decision >= from { Outcome::Objected } else { Outcome::Passes }
    }
}

/// Whether to use the colours of a terminal.
fn wants_colour(choice: Choice, terminal: bool) -> bool {
    match choice {
        Choice::Always => true,
        Choice::Never => false,
        Choice::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

impl LanguageChoice {
    /// The language, by the environment if it is left to it.
    fn resolve(self) -> Language {
        match self {
            LanguageChoice::En => Language::English,
            LanguageChoice::Zh => Language::Chinese,
            LanguageChoice::Auto => ["LC_ALL", "LC_MESSAGES", "LANG"]
                .iter()
                .filter_map(|name| std::env::var(name).ok())
                .find(|value| !value.is_empty())
                .and_then(|value| value.parse().ok())
                .unwrap_or_default(),
        }
    }
}

/// Compiles a policy, with another auditor where one is named.
fn compile(mut policy: Policy, auditor: Option<&str>, detail: Detail) -> Result<Filter, Error> {
    if let Some(auditor) = auditor {
        policy.set_auditor(auditor)?;
    }
    for warning in &policy.warnings {
        complain(warning);
    }
    let filter = Filter::new(policy, detail)?;
    let limits = Limits { clock: Some(since_start), ..*filter.limits() };
    Ok(filter.with_limits(limits))
}

/// Loads the policy of an organisation, or the shipped one.
fn load_policy(path: Option<&Path>) -> Result<Policy, Error> {
    let read = |path: &Path| fs::read_to_string(path).map_err(|error| Error::io(path, error));
    match path {
        Some(path) => Policy::load(path, &read(path)?, &Context { read: &read, today: &today() }),
        None => {
            let mut policy = Policy::shipped();
            policy.year = today()[..4].parse().ok();
            Ok(policy)
        }
    }
}

/// Time since the first call, by which the reading of attachments is bounded.
fn since_start() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}

/// Today in UTC as `YYYY-MM-DD`.
fn today() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d").to_string()
}

/// Columns of the terminal, or 100 where there is none.
fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let of_terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    columns.or_else(of_terminal).unwrap_or(100).clamp(40, 120)
}
