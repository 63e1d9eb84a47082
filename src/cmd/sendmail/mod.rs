//! `presend sendmail`: in place of sendmail(1), it checks a message and hands it on untouched, or says at once why not.
//!
//! It never sends what it could not check: a fault of its own is an exit code, as the sender is there to see it.

mod options;
mod program;

use std::{
    ffi::OsString,
    fs::OpenOptions,
    io::{BufRead, BufReader, Write},
    process::{Command, ExitCode, Stdio},
};

use clap::Args;

use self::options::{Options, Task, is_sendmail};
use super::{
    FailOn, LanguageChoice, complain,
    submission::{self, Exit},
};
use crate::{Filter, error::Error, message::Message, policy::Language, report::text::say, verdict::Envelope};

/// Send a message by the real sendmail, if it passes: a drop-in for sendmail(1)
///
/// Takes the options of sendmail(1) that mail clients, git send-email, cron and PHP use. A message that would be refused is not sent: the reasons are on standard
/// error, values masked, and the exit code is 65 (EX_DATAERR). Any other message goes on byte for byte, and the exit code is that of the real sendmail. Further exit codes: 64
/// wrong option, 70 internal error, 72 no real sendmail, 74 input not readable, 78 wrong policy; in none of these cases is anything sent.
#[derive(Args)]
#[command(
    after_help = "Own options, which the real sendmail does not see:\n  --policy FILE           policy of the organisation; also PRESEND_POLICY\n  --auditor NAME          thorough, alimail\n  --fail-on review|reject from which decision on it is not sent; default reject\n  --lang en|zh|auto       language of the reasons\n  --sendmail PATH         the real sendmail; also PRESEND_SENDMAIL; else the one of the system\n  --interactive           ask on the terminal instead of refusing\n\nExamples:\n  mutt:  set sendmail=\"presend sendmail -oem -oi\"\n  git:   git config sendemail.smtpServer /usr/local/lib/presend/sendmail   (a link to presend)\n  PHP:   sendmail_path = \"/usr/bin/presend sendmail -t -i\""
)]
pub(super) struct Sendmail {
    /// Options and recipients as sendmail(1) takes them: -t -i -oi -f SENDER -F NAME -- RECIPIENT; -bs is refused
    #[arg(value_name = "OPTION|RECIPIENT", trailing_var_arg = true, allow_hyphen_values = true)]
    _args: Vec<OsString>,
}

/// How often presend may call itself by way of the program that it takes for the real sendmail: not at all.
const CALLED: &str = "PRESEND_SENDMAIL_CALLED";

/// The arguments, if presend was called as sendmail or as `presend sendmail`; but where help is asked for.
pub(super) fn called(mut args: impl Iterator<Item = OsString>) -> Option<Vec<OsString>> {
    let name = args.next()?;
    if is_sendmail(&name) {
        return Some(args.collect());
    }
    if args.next()? != "sendmail" {
        return None;
    }
    let args: Vec<OsString> = args.collect();
    (args != ["--help"]).then_some(args)
}

/// Runs as sendmail.
pub(super) fn run(args: Vec<OsString>) -> ExitCode {
    send(args).unwrap_or_else(|(exit, problem)| {
        complain(&problem);
        exit.into()
    })
}

type Failed = (Exit, String);

fn send(args: Vec<OsString>) -> Result<ExitCode, Failed> {
    let options = Options::parse(args.into_iter()).map_err(|problem| (Exit::Usage, problem))?;
    if std::env::var_os(CALLED).is_some() {
        let problem = "the real sendmail leads back to presend; name it with --sendmail or PRESEND_SENDMAIL";
        return Err((Exit::Policy, problem.to_owned()));
    }
    if let Task::Refused(option) = &options.task {
        let problem = format!(
            "{option} is refused: it would take mail that nobody checks; send by -t, or put `presend milter` before the server"
        );
        return Err((Exit::Usage, problem));
    }
    let program = program::find(options.program.as_deref()).map_err(|problem| (Exit::NoProgram, problem))?;
    let mut command = Command::new(program);
    command.args(&options.passed_on).env(CALLED, "1");
    if options.task == Task::Other {
        return hand_over(command, None);
    }
    let policy = options.policy.clone().or_else(|| std::env::var_os("PRESEND_POLICY").map(Into::into));
    let filter =
        submission::filter(policy.as_deref(), options.auditor.as_deref()).map_err(|error| match error {
            Error::Io { .. } | Error::Policy(_) | Error::Usage(_) => (Exit::Policy, error.to_string()),
        })?;
    let raw = submission::message().map_err(|error| (Exit::NotRead, format!("standard input: {error}")))?;
    let envelope = envelope(&options, &filter, &raw);
    let Some(verdict) = submission::judge(&filter, &raw, &envelope) else { return Ok(Exit::Fault.into()) };
    let language = options.lang.unwrap_or(LanguageChoice::Auto).resolve();
    let is_stopped = submission::is_stopped(&verdict, options.fail_on.unwrap_or(FailOn::Reject));
    let is_doubtful = submission::is_stopped(&verdict, FailOn::Review);
    if is_doubtful {
        submission::tell(&verdict, language);
    }
    let asked = if options.interactive && is_doubtful { ask(language) } else { None };
    if !asked.unwrap_or(!is_stopped) {
        complain(&say(language, "brief", "not-sent", &[]));
        return Ok(Exit::Refused.into());
    }
    hand_over(command, Some(&raw))
}

/// Who sends to whom. Names without a domain are of the organisation, as the mail server completes them.
fn envelope(options: &Options, filter: &Filter, raw: &[u8]) -> Envelope {
    let own = filter.policy().internal_domains.first();
    let complete = |written: &String| {
        let address = submission::address(written);
        match own {
            Some(domain) if !address.contains('@') && !address.is_empty() => format!("{address}@{domain}"),
            _ => address,
        }
    };
    let mut to: Vec<String> = options.recipients.iter().map(complete).collect();
    if options.from_header && !to.is_empty() {
        to.extend(Message::parse(raw, filter.limits()).header.recipients);
    }
    Envelope { from: options.from.as_ref().map(complete).filter(|from| !from.is_empty()), to }
}

/// Runs the real sendmail, with a message or with our own standard input; its exit code is ours.
fn hand_over(mut command: Command, message: Option<&[u8]>) -> Result<ExitCode, Failed> {
    if message.is_some() {
        command.stdin(Stdio::piped());
    }
    let name = command.get_program().to_string_lossy().into_owned();
    let failed = |error: std::io::Error| (Exit::NoProgram, format!("{name}: {error}"));
    let mut child = command.spawn().map_err(failed)?;
    if let (Some(raw), Some(mut pipe)) = (message, child.stdin.take()) {
        // One that stops reading says why by its exit code.
        let _ = submission::write(&mut pipe, raw);
    }
    let status = child.wait().map_err(failed)?;
    match status.code() {
        Some(code) => Ok(ExitCode::from(u8::try_from(code & 0xff).unwrap_or(u8::MAX))),
        None => Err((Exit::Fault, format!("{name} was ended by a signal; the message may not be sent"))),
    }
}

/// Asks on the terminal, as standard input is the message; `None` where there is none.
fn ask(language: Language) -> Option<bool> {
    let mut terminal = OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
    write!(terminal, "{} ", say(language, "brief", "ask", &[])).ok()?;
    terminal.flush().ok()?;
    let mut answer = String::new();
    BufReader::new(terminal).read_line(&mut answer).ok()?;
    Some(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "是" | "发送"))
}
