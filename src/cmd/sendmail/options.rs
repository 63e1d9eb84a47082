//! The command line of sendmail(1) as mail clients write it, with presend's own options among it: those begin with two dashes, and the real program never sees them.

use std::{
    ffi::{OsStr, OsString},
    path::PathBuf,
};

use clap::ValueEnum;

use crate::cmd::{FailOn, LanguageChoice};

/// Options with a value, which stands behind the letter or is the next argument. Postfix, Sendmail and Exim agree on these.
const WITH_VALUE: &str = "ABCDFLNOQRVXbefhopr";
/// Options whose value, if any, stands behind the letter.
const WITH_TAIL: &str = "dq";

/// What is asked for.
#[derive(Default)]
pub(super) struct Options {
    /// Arguments for the real program, as they came.
    pub(super) passed_on: Vec<OsString>,
    /// Envelope sender: -f or -r.
    pub(super) from: Option<String>,
    /// Recipients that are named as arguments.
    pub(super) recipients: Vec<String>,
    /// Recipients are those of the header as well: -t.
    pub(super) from_header: bool,
    pub(super) task: Task,
    pub(super) interactive: bool,
    pub(super) policy: Option<PathBuf>,
    pub(super) auditor: Option<String>,
    pub(super) program: Option<PathBuf>,
    pub(super) fail_on: Option<FailOn>,
    pub(super) lang: Option<LanguageChoice>,
}

/// What sendmail is called for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Task {
    /// A message is to be sent.
    #[default]
    Send,
    /// Something without a message: the queue, aliases.
    Other,
    /// Something that would let mail past the check; the option.
    Refused(String),
}

impl Options {
    /// Reads the arguments; else what is wrong with them.
    pub(super) fn parse(args: impl Iterator<Item = OsString>) -> Result<Options, String> {
        let mut options = Options::default();
        let mut args = args;
        let mut only_recipients = false;
        while let Some(arg) = args.next() {
            let text = arg.to_string_lossy().into_owned();
            match text.as_str() {
                _ if only_recipients => options.recipients.push(text),
                "--" => only_recipients = true,
                _ if text.starts_with("--") => {
                    options.own(&text, &mut args)?;
                    continue;
                }
                _ if text.len() > 1 && text.starts_with('-') => {
                    options.passed_on.push(arg);
                    options.cluster(&text[1..], &mut args)?;
                    continue;
                }
                _ => options.recipients.push(text),
            }
            options.passed_on.push(arg);
        }
        Ok(options)
    }

    /// An option of presend's own.
    fn own(&mut self, text: &str, args: &mut impl Iterator<Item = OsString>) -> Result<(), String> {
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        if name == "--interactive" && value.is_none() {
            self.interactive = true;
            return Ok(());
        }
        let known = ["--policy", "--auditor", "--sendmail", "--fail-on", "--lang"];
        if !known.contains(&name) {
            return Err(format!("unknown option {name}; `presend sendmail --help` lists the options"));
        }
        let value = value.map(OsString::from).or_else(|| args.next());
        let value = value.ok_or_else(|| format!("{name} needs a value"))?;
        let word = value.to_string_lossy().into_owned();
        match name {
            "--policy" => self.policy = Some(value.into()),
            "--sendmail" => self.program = Some(value.into()),
            "--auditor" => self.auditor = Some(word),
            "--fail-on" => {
                let fail_on = FailOn::from_str(&word, false);
                self.fail_on = Some(fail_on.map_err(|_| format!("--fail-on {word}: use review or reject"))?);
            }
            _ => {
                let lang = LanguageChoice::from_str(&word, false);
                self.lang = Some(lang.map_err(|_| format!("--lang {word}: use auto, en or zh"))?);
            }
        }
        Ok(())
    }

    /// Letters behind one dash.
    fn cluster(&mut self, letters: &str, args: &mut impl Iterator<Item = OsString>) -> Result<(), String> {
        for (at, letter) in letters.char_indices() {
            let tail = &letters[at + letter.len_utf8()..];
            if WITH_VALUE.contains(letter) {
                let value = if tail.is_empty() {
                    let next = args.next().ok_or_else(|| format!("-{letter} needs a value"))?;
                    let value = next.to_string_lossy().into_owned();
                    self.passed_on.push(next);
                    value
                } else {
                    tail.to_owned()
                };
                self.with_value(letter, value);
                return Ok(());
            }
            match letter {
                't' => self.from_header = true,
                'I' | 'q' if self.task == Task::Send => self.task = Task::Other,
                _ => {}
            }
            if WITH_TAIL.contains(letter) {
                return Ok(());
            }
        }
        Ok(())
    }

    fn with_value(&mut self, letter: char, value: String) {
        match (letter, value.as_str()) {
            ('f' | 'r', _) => self.from = Some(value),
            // The queue, aliases, and what would become of an address.
            ('b', "p" | "i" | "v" | "h" | "H" | "P") if self.task == Task::Send => self.task = Task::Other,
            ('b', "m" | "p" | "i" | "v" | "h" | "H" | "P") => {}
            ('b', _) => self.task = Task::Refused(format!("-b{value}")),
            // The same as single options of old.
            ('o', "t") => self.from_header = true,
            _ => {}
        }
    }
}

/// Whether a program's name is sendmail's.
pub(super) fn is_sendmail(name: &OsStr) -> bool {
    std::path::Path::new(name).file_stem().is_some_and(|stem| stem == "sendmail")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Options, String> {
        Options::parse(args.iter().map(OsString::from))
    }

    #[test]
    fn what_mail_clients_write_is_understood() {
        for (args, from, to, header) in [
            // mutt, git send-email, cron, PHP, mail(1)
            (
                &["-oem", "-oi", "-f", "a@example.com", "--", "b@example.org"][..],
                "a@example.com",
                &["b@example.org"][..],
                false,
            ),
            (&["-i", "b@example.org", "c@example.org"], "", &["b@example.org", "c@example.org"], false),
            (&["-FCronDaemon", "-i", "-B8BITMIME", "-oem", "root"], "", &["root"], false),
            (&["-t", "-i", "-fa@example.com"], "a@example.com", &[], true),
            (&["-ti", "-F", "A B", "-r", "a@example.com"], "a@example.com", &[], true),
            (&["-oi", "-odb", "-N", "never", "-v", "b@example.org"], "", &["b@example.org"], false),
            (&["-bm", "-Am", "-t"], "", &[], true),
            (&["--", "-b@example.org"], "", &["-b@example.org"], false),
        ] {
            let options = parse(args).unwrap_or_else(|error| panic!("{args:?}: {error}"));
            assert_eq!(options.from.as_deref().unwrap_or_default(), from, "{args:?}");
            assert_eq!(
                (&options.recipients[..], options.from_header),
                (&to.iter().map(|&to| to.to_owned()).collect::<Vec<_>>()[..], header),
                "{args:?}"
            );
            assert_eq!(options.passed_on, args, "as they came");
            assert_eq!(options.task, Task::Send, "{args:?}");
        }
    }

    #[test]
    fn tasks_are_told_apart() {
        for (args, want) in [
            (&["-bp"][..], Task::Other),
            (&["-q"], Task::Other),
            (&["-q30m"], Task::Other),
            (&["-bi"], Task::Other),
            (&["-I"], Task::Other),
            (&["-bs"], Task::Refused("-bs".into())),
            (&["-b", "s"], Task::Refused("-bs".into())),
            (&["-bp", "-bs"], Task::Refused("-bs".into())),
            (&["-bs", "-bp"], Task::Refused("-bs".into())),
            (&["-bs", "-q"], Task::Refused("-bs".into())),
            (&["-ibs"], Task::Refused("-bs".into())),
            (&["-bd"], Task::Refused("-bd".into())),
        ] {
            assert_eq!(parse(args).expect("right").task, want, "{args:?}");
        }
    }

    #[test]
    fn options_of_presend_are_not_passed_on() {
        let options = parse(&[
            "--policy=p.toml",
            "--fail-on",
            "review",
            "-i",
            "--interactive",
            "--sendmail",
            "/s",
            "b@x",
        ]);
        let options = options.expect("right");
        assert_eq!(options.passed_on, ["-i", "b@x"]);
        assert_eq!((options.policy, options.program), (Some("p.toml".into()), Some("/s".into())));
        assert!(options.interactive && matches!(options.fail_on, Some(FailOn::Review)));
        for wrong in [&["--polic=x"][..], &["--policy"], &["--fail-on=never"], &["-f"]] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
