//! From a verdict, or the lack of one, to what the mail server is told.
//!
//! Replies are ASCII, at most 512 bytes a line, and hold rule ids, what the rules say in general, and a web address: mail servers
//! copy them into logs and bounces, so nothing of the message may be in them.

use std::fmt::Write as _;

use super::{judge::Judgement, transaction::Transaction};
use crate::{
    policy::{
        NotInspectedAction,
        gateway::{Actions, Answer, Gateway, Mode},
    },
    verdict::Decision,
};

/// Bytes of a line of a reply without its code (RFC 5321 4.5.3.1.5 allows 512 with code and CRLF).
const MAX_LINE: usize = 480;

/// Rules that a reply names.
const MAX_RULES: usize = 6;

/// What a mail server is told of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// It goes out.
    Accept,
    /// It is put on hold; the reason.
    Hold(String),
    /// It does not go out, now or ever.
    Smtp {
        /// 550 or 451, and the enhanced code.
        code: (u16, &'static str),
        /// What the sender is told, a line each.
        lines: Vec<String>,
    },
}

/// Why there is no verdict, or no full one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Failure {
    /// presend itself failed.
    Error,
    /// The time was up.
    Deadline,
    /// Too much is going on.
    Busy,
}

/// What becomes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// What is done.
    pub answer: Answer,
    /// What would be done if it were not a dry run.
    pub meant: Answer,
    /// What the mail server is told.
    pub reply: Reply,
    /// Value of the field [`super::transaction::TAG`], if it is to be added.
    pub tag: Option<String>,
}

impl Failure {
    /// The name in log and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Failure::Error => "error",
            Failure::Deadline => "deadline",
            Failure::Busy => "busy",
        }
    }
}

impl Reply {
    /// Comes again later.
    pub fn later(why: &str) -> Reply {
        let line = format!("The check of outgoing mail {why}; please try again later");
        Reply::Smtp { code: (451, "4.7.1"), lines: vec![line] }
    }

    /// Whether the message goes on its way, now or when a person lets it.
    pub fn lets_through(&self) -> bool {
        matches!(self, Reply::Accept | Reply::Hold(_))
    }

    /// As SMTP has it, without the last line end.
    pub fn smtp(&self) -> String {
        let mut out = String::new();
        if let Reply::Smtp { code: (code, enhanced), lines } = self {
            for (index, line) in lines.iter().enumerate() {
                let (between, end) = if index + 1 < lines.len() { ('-', "\r\n") } else { (' ', "") };
                let _ = write!(out, "{code}{between}{enhanced} {}{end}", ascii(line));
            }
        }
        out
    }
}

/// Whether a message is to be judged at all.
pub fn is_judged(settings: &Gateway, message: &Transaction) -> bool {
    let sender = message.sender.as_deref().unwrap_or("");
    let login = message.login.as_deref().map(str::to_lowercase);
    let is_exempt = settings.exempt_senders.iter().any(|pattern| pattern.matches(sender))
        || login.is_some_and(|login| settings.exempt_logins.contains(&login));
    let are_off = !message.recipients.is_empty()
        && message.recipients.iter().all(|to| destination(settings, to).0 == Mode::Off);
    !is_exempt && !are_off
}

/// What becomes of a message that was not judged because nobody wanted it to be.
pub fn exempt() -> Ruling {
    Ruling { answer: Answer::Accept, meant: Answer::Accept, reply: Reply::Accept, tag: None }
}

/// What becomes of a judged message.
pub fn rule(settings: &Gateway, message: &Transaction, outcome: &Result<Judgement, Failure>) -> Ruling {
    let any = [String::new()];
    let recipients = if message.recipients.is_empty() { &any[..] } else { &message.recipients };
    let (mut answer, mut meant) = (Answer::Accept, Answer::Accept);
    for recipient in recipients {
        let (mode, actions) = destination(settings, recipient);
        let wanted = wanted(settings, actions, message, outcome);
        if mode != Mode::Off {
            meant = meant.max(wanted);
        }
        if mode == Mode::Enforce && !settings.dry_run {
            answer = answer.max(wanted);
        }
    }
    let reply = match answer {
        Answer::Accept => Reply::Accept,
        Answer::Hold => Reply::Hold(hold_reason(outcome)),
        Answer::Tempfail => match outcome {
            Ok(_) => Reply::later("does not let this message pass now"),
            Err(failure) => Reply::later(failure.said()),
        },
        Answer::Reject => refusal(settings, message, outcome),
    };
    let tag = settings.tag.then(|| tag(outcome));
    Ruling { answer, meant, reply, tag }
}

/// What is done with mail to a recipient.
fn destination(settings: &Gateway, recipient: &str) -> (Mode, Actions) {
    let fits = |pattern: &crate::policy::gateway::Pattern| pattern.matches(recipient);
    settings
        .recipients
        .iter()
        .find(|destination| destination.to.iter().any(fits))
        .map_or((Mode::Enforce, settings.actions), |destination| (destination.mode, destination.actions))
}

/// What is to be done with a message, by the actions of one recipient.
fn wanted(
    settings: &Gateway,
    actions: Actions,
    message: &Transaction,
    outcome: &Result<Judgement, Failure>,
) -> Answer {
    let failures = &settings.failures;
    let by = |decision| match decision {
        Decision::Pass => Answer::Accept,
        Decision::Review => actions.review,
        Decision::Reject => actions.reject,
    };
    let judgement = match outcome {
        Ok(judgement) => judgement,
        Err(Failure::Error) => return failures.error,
        Err(Failure::Deadline) => return failures.deadline,
        Err(Failure::Busy) => return Answer::Tempfail,
    };
    let mut answer = by(judgement.found);
    if !judgement.unread.is_empty() {
        answer = answer.max(failures.not_inspected.unwrap_or_else(|| by(judgement.decision)));
    }
    if message.is_too_large() {
        let usual = match judgement.over_limit {
            NotInspectedAction::Note => Answer::Accept,
            NotInspectedAction::Review => actions.review,
            NotInspectedAction::Reject => actions.reject,
        };
        answer = answer.max(failures.too_large.unwrap_or(usual));
    }
    answer
}

impl Failure {
    fn said(self) -> &'static str {
        match self {
            Failure::Error => "failed",
            Failure::Deadline => "took too long",
            Failure::Busy => "is busy",
        }
    }
}

/// The reply to a message that is refused.
fn refusal(settings: &Gateway, message: &Transaction, outcome: &Result<Judgement, Failure>) -> Reply {
    let mut lines = vec!["Message refused by the check of outgoing mail".to_owned()];
    match outcome {
        Ok(judgement) => {
            for rule in judgement.rules.iter().filter(|rule| rule.counts).take(MAX_RULES) {
                let times = if rule.count > 1 { format!(" ({} times)", rule.count) } else { String::new() };
                lines.push(format!("{}: {}{times}", rule.id, ascii(&rule.message)));
            }
            if !judgement.unread.is_empty() {
                lines.push(format!("It cannot be read whole: {}", judgement.unread.join(", ")));
            }
            if message.is_too_large() {
                lines.push("It is larger than can be checked".to_owned());
            }
        }
        Err(failure) => lines.push(format!("The check {}", failure.said())),
    }
    let help = settings.help_url.as_ref().map(|url| format!("Help: {url}"));
    // For mail handed over by a program the reply goes into a bounce, which mangles several lines.
    if message.is_local {
        let room = MAX_LINE - help.as_ref().map_or(0, |help| help.len() + 2);
        while lines.len() > 1 && lines.iter().map(|line| line.len() + 2).sum::<usize>() > room {
            lines.pop();
        }
        lines.extend(help);
        lines = vec![lines.join("; ")];
    } else {
        lines.extend(help);
    }
    Reply::Smtp { code: (550, "5.7.1"), lines }
}

/// Why a message is on hold; Sendmail keeps it in the queue.
fn hold_reason(outcome: &Result<Judgement, Failure>) -> String {
    match outcome {
        Ok(judgement) => {
            let ids: Vec<&str> = judgement
                .rules
                .iter()
                .filter(|rule| rule.counts)
                .map(|rule| &*rule.id)
                .take(MAX_RULES)
                .collect();
            format!("presend: {}", if ids.is_empty() { judgement.unread.join(", ") } else { ids.join(", ") })
        }
        Err(failure) => format!("presend: {}", failure.as_str()),
    }
}

fn tag(outcome: &Result<Judgement, Failure>) -> String {
    match outcome {
        Ok(judgement) => {
            format!("{}; probability={:.2}", judgement.decision.as_str(), judgement.probability)
        }
        Err(failure) => format!("none; reason={}", failure.as_str()),
    }
}

/// Text in ASCII that fits a line; Chinese and the like is left out, the rule id before it still names what is meant.
fn ascii(text: &str) -> String {
    let kept: String = text
        .chars()
        .map(|c| match c {
            '\u{2018}' | '\u{2019}' => '\'',
            '\u{201c}' | '\u{201d}' => '"',
            '\u{2010}'..='\u{2014}' => '-',
            c if c.is_ascii_graphic() => c,
            c if c.is_whitespace() => ' ',
            _ => '\u{0}',
        })
        .filter(|c| *c != '\u{0}')
        .take(MAX_LINE)
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::RuleCount;

    fn guilty(message: &str) -> Result<Judgement, Failure> {
        let rule = RuleCount {
            id: "confidential.keywords-1".into(),
            count: 1,
            message: message.into(),
            counts: true,
        };
        Ok(Judgement {
            decision: Decision::Reject,
            found: Decision::Reject,
            probability: 0.95,
            rules: vec![rule; 20],
            unread: vec!["encrypted".into()],
            over_limit: NotInspectedAction::Review,
        })
    }

    #[test]
    fn whatever_a_policy_says_a_reply_is_smtp() {
        let settings = Gateway {
            help_url: Some(format!("https://help.example.com/{}", "x".repeat(270))),
            ..Gateway::default()
        };
        for message in ["词".repeat(3000), "x".repeat(3000), "a\r\n250 ok\0\u{1b}[5m".into(), String::new()]
        {
            for is_local in [false, true] {
                let transaction =
                    Transaction::begin(if is_local { b"a@example.com" } else { b"<a@example.com>" });
                let smtp = rule(&settings, &transaction, &guilty(&message)).reply.smtp();
                let lines: Vec<&str> = smtp.split("\r\n").collect();
                assert_eq!(lines.len(), if is_local { 1 } else { 9 }, "{smtp}");
                for (index, line) in lines.iter().enumerate() {
                    let start = if index + 1 < lines.len() { "550-5.7.1 " } else { "550 5.7.1 " };
                    assert!(line.starts_with(start) && line.len() <= 510, "{line}");
                    assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{line}");
                }
                assert!(smtp.ends_with("xxx"), "the help is cut off: {smtp}");
            }
        }
    }

    #[test]
    fn severity_has_an_order() {
        assert!(
            Answer::Accept < Answer::Hold
                && Answer::Hold < Answer::Tempfail
                && Answer::Tempfail < Answer::Reject
        );
    }
}
