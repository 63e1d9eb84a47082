//! `presend filter`: standard input to standard output, for the content filters of mail servers.

use std::{io, path::PathBuf, process::ExitCode};

use clap::Args;

use super::{
    FailOn, LanguageChoice, complain,
    submission::{self, Exit},
};
use crate::verdict::Envelope;

/// Pass a message on, byte for byte, or refuse it: a content filter for Postfix, Exim, procmail
///
/// The message comes by standard input and leaves by standard output. Exit codes are those of sysexits.h: 0 it passes; 65 it would be refused, the reasons are on
/// standard error and nothing on standard output; 75 presend could not judge it: try again later. Values are masked.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  presend filter < mail.eml > checked.eml && sendmail -i -t < checked.eml\n\n  Postfix pipe(8) and Exim: contrib/content-filter hands what passes back to the server.\n\n  procmail:\n    :0fw\n    | presend filter\n    :0e\n    { EXITCODE=65 HOST }"
)]
pub(super) struct Filter {
    /// Envelope recipients, in place of those of To, Cc and Bcc
    #[arg(value_name = "RECIPIENT")]
    recipients: Vec<String>,
    /// Policy of the organisation (presend.toml); without it the packs that ship with presend
    #[arg(long, value_name = "FILE", env = "PRESEND_POLICY")]
    policy: Option<PathBuf>,
    /// Whose reading of attachments counts, in place of the policy's: thorough, alimail
    #[arg(long, value_name = "NAME")]
    auditor: Option<String>,
    /// Envelope sender, in place of the From header's
    #[arg(long, short = 'f', value_name = "ADDRESS")]
    from: Option<String>,
    /// From which decision on a message is refused
    #[arg(long, value_enum, default_value_t = FailOn::Reject)]
    fail_on: FailOn,
    /// Language of the reasons; auto follows LC_ALL, LC_MESSAGES, LANG
    #[arg(long, value_enum, default_value_t = LanguageChoice::Auto)]
    lang: LanguageChoice,
}

impl Filter {
    pub(super) fn run(self) -> ExitCode {
        self.pass().into()
    }

    /// A mail server keeps the mail where presend fails, whatever the reason.
    fn pass(self) -> Exit {
        let filter = match submission::filter(self.policy.as_deref(), self.auditor.as_deref()) {
            Ok(filter) => filter,
            Err(error) => {
                complain(&error.to_string());
                return Exit::Later;
            }
        };
        let raw = match submission::message() {
            Ok(raw) => raw,
            Err(error) => {
                complain(&format!("standard input: {error}"));
                return Exit::Later;
            }
        };
        if raw.is_empty() {
            complain("standard input: is empty; pipe a message in");
            return Exit::Later;
        }
        let envelope = Envelope {
            from: self.from.as_deref().map(submission::address).filter(|from| !from.is_empty()),
            to: self.recipients.iter().map(|recipient| submission::address(recipient)).collect(),
        };
        let Some(verdict) = submission::judge(&filter, &raw, &envelope) else { return Exit::Later };
        if submission::is_stopped(&verdict, self.fail_on) {
            submission::tell(&verdict, self.lang.resolve());
            return Exit::Refused;
        }
        match submission::write(&mut io::stdout().lock(), &raw) {
            Ok(()) => Exit::Done,
            Err(error) => {
                complain(&format!("standard output: {error}"));
                Exit::Later
            }
        }
    }
}
