//! What `presend sendmail` and `presend filter` share: a whole message from standard input, judged, and exit codes that mail systems know.

use std::{
    io::{self, Read, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    process::ExitCode,
};

use super::{FailOn, compile, complain, load_policy};
use crate::{
    Filter,
    error::Error,
    policy::Language,
    report::{brief::brief, text::Text},
    verdict::{Decision, Detail, Envelope, Verdict},
};

/// Exit codes of sysexits.h.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// EX_OK
    Done = 0,
    /// EX_USAGE
    Usage = 64,
    /// EX_DATAERR: the message would be refused.
    Refused = 65,
    /// EX_SOFTWARE: a fault of presend's own.
    Fault = 70,
    /// EX_OSFILE: there is no real sendmail.
    NoProgram = 72,
    /// EX_IOERR
    NotRead = 74,
    /// EX_TEMPFAIL: to be tried again.
    Later = 75,
    /// EX_CONFIG: the policy is wrong.
    Policy = 78,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// The policy, compiled.
pub(super) fn filter(policy: Option<&Path>, auditor: Option<&str>) -> Result<Filter, Error> {
    compile(load_policy(policy)?, auditor, Detail::Places)
}

/// All of standard input.
pub(super) fn message() -> io::Result<Vec<u8>> {
    let mut raw = Vec::new();
    io::stdin().lock().read_to_end(&mut raw)?;
    Ok(raw)
}

/// The verdict; `None` after a fault of ours, which has been told of.
pub(super) fn judge(filter: &Filter, raw: &[u8], envelope: &Envelope) -> Option<Verdict> {
    catch_unwind(AssertUnwindSafe(|| filter.check(raw, envelope))).ok()
}

/// Whether a message is to be stopped.
pub(super) fn is_stopped(verdict: &Verdict, fail_on: FailOn) -> bool {
    let from = match fail_on {
        FailOn::Review => Decision::Review,
        FailOn::Reject => Decision::Reject,
    };
    verdict.decision >= from
}

/// Says on standard error why, without anything that the message itself says.
pub(super) fn tell(verdict: &Verdict, language: Language) {
    let options = Text { language, colour: false, show_matches: false, explain: false, width: 100 };
    complain(brief(verdict, &options).trim_end());
}

/// An address as envelopes have it: without a name and brackets, lower case.
pub(super) fn address(written: &str) -> String {
    let bare = written.rsplit_once('<').map_or(written, |(_, behind)| behind);
    bare.split('>').next().unwrap_or_default().trim().to_lowercase()
}

/// Writes a message as it came.
pub(super) fn write(out: &mut dyn Write, raw: &[u8]) -> io::Result<()> {
    out.write_all(raw)?;
    out.flush()
}
