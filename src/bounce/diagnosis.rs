//! What a notice comes to: the failures that it tells of, and for each the cause with what speaks for it.
//!
//! Of one failure there are up to three texts: what the other server said, what the notice says about the address, and all of the
//! notice. Words that are specific come before words that are general; of equal ones, the nearer text counts.

use super::{
    Cause, Explainer, Status,
    fold::fold,
    pattern::Known,
    report::Group,
    status::{self, Reply},
};
use crate::{detect::Confidence, span::floor_boundary};

/// What a returned message or a line of an error means.
#[derive(Debug)]
pub struct Diagnosis {
    /// What it is.
    pub kind: Kind,
    /// Why: of the first failure.
    pub cause: Cause,
    /// How sure the cause is.
    pub confidence: Confidence,
    /// By recipient; one without an address where none is named.
    pub failures: Vec<Failure>,
    /// The system that says so.
    pub reporter: Option<String>,
    /// Whose message came back.
    pub sender: Option<String>,
    /// The message that came back, where the notice holds its text.
    pub original: Option<Vec<u8>>,
}

/// What was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A notice that a message came back.
    Bounce,
    /// A notice that a message is late and still being tried.
    Delay,
    /// A line of an error or lines of a log.
    Line,
    /// Something else.
    Other,
}

/// One recipient who did not get it.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The address; `None` where none is named.
    pub recipient: Option<String>,
    /// Enhanced status code.
    pub status: Option<Status>,
    /// SMTP reply code.
    pub smtp_code: Option<u16>,
    /// Whether trying again is of no use; `None` where nothing says so.
    pub permanent: Option<bool>,
    /// Why.
    pub cause: Cause,
    /// How sure that is.
    pub confidence: Confidence,
    /// Whether its words are known; else the cause is only what the code speaks for.
    pub is_known: bool,
    /// The words that it was read from.
    pub text: String,
    /// The system that refused it.
    pub remote: Option<String>,
    /// Index of the pattern that knows the words.
    pub(super) pattern: Option<usize>,
}

/// What is known of one failure before it is judged.
#[derive(Debug, Default)]
pub(super) struct Evidence<'t> {
    pub(super) recipient: Option<String>,
    /// What a report says of it.
    pub(super) group: Group,
    /// What the notice says about the address.
    pub(super) about: &'t str,
    /// All of the notice that is about every address.
    pub(super) whole: &'t str,
}

/// Bytes of each text that are looked at.
const LOOKED_AT: usize = 32 << 10;

/// Characters of the words that a failure shows.
const SHOWN: usize = 600;

impl Kind {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Bounce => "bounce",
            Kind::Delay => "delay",
            Kind::Line => "line",
            Kind::Other => "other",
        }
    }
}

impl Diagnosis {
    /// That of failures; the first says the cause, and one whose words are known before one whose are not.
    pub(super) fn of(kind: Kind, mut failures: Vec<Failure>) -> Diagnosis {
        failures.truncate(1000);
        let main = failures.iter().find(|failure| failure.is_known).or(failures.first());
        Diagnosis {
            kind,
            cause: main.map_or(Cause::Unknown, |failure| failure.cause),
            confidence: main.map_or(Confidence::Low, |failure| failure.confidence),
            failures,
            reporter: None,
            sender: None,
            original: None,
        }
    }

    /// That it is no bounce.
    pub(super) fn none() -> Diagnosis {
        Diagnosis {
            cause: Cause::NotABounce,
            confidence: Confidence::High,
            ..Diagnosis::of(Kind::Other, Vec::new())
        }
    }

    /// The failure that says the cause.
    pub fn main(&self) -> Option<&Failure> {
        self.failures.iter().find(|failure| failure.cause == self.cause).or(self.failures.first())
    }

    /// The addresses that did not get it, each once.
    pub fn recipients(&self) -> Vec<&str> {
        let mut list: Vec<&str> = Vec::new();
        for recipient in self.failures.iter().filter_map(|failure| failure.recipient.as_deref()) {
            if !list.iter().any(|known| known.eq_ignore_ascii_case(recipient)) {
                list.push(recipient);
            }
        }
        list
    }
}

impl Explainer {
    /// Judges one failure.
    pub(super) fn judge(&self, evidence: &Evidence<'_>) -> Failure {
        let group = &evidence.group;
        let texts = [group.diagnostic.as_str(), evidence.about, evidence.whole];
        let texts = texts.map(|text| &text[..floor_boundary(text, text.len().min(LOOKED_AT))]);
        // Codes that belong together stand in one text.
        let (reply, said) = texts
            .iter()
            .map(|text| codes(text))
            .find(|(reply, said)| reply.is_some() || said.is_some())
            .unwrap_or_default();
        let status = match (group.status.filter(|status| status.class != 2), said) {
            (Some(own), Some(said))
                if said.is_specific() || !own.is_specific() && own.class != said.class =>
            {
                Some(said)
            }
            (own, said) => own.or(said),
        };
        let known = self.known(&texts);
        let (cause, confidence, is_known) = self.weigh(known, status, reply);
        let delayed = group.action == "delayed";
        let permanent = match (delayed, reply, status) {
            (true, ..) => Some(false),
            (_, Some(reply), _) => Some(reply.code >= 500),
            (_, _, Some(status)) => Some(status.class == 5),
            _ if group.action == "failed" => Some(true),
            _ => None,
        };
        Failure {
            recipient: evidence.recipient.clone(),
            status,
            smtp_code: reply.map(|reply| reply.code),
            permanent,
            cause,
            confidence,
            is_known,
            text: shown(&texts),
            remote: Some(group.remote.clone()).filter(|remote| !remote.is_empty()),
            pattern: known.filter(|_| is_known).map(|(known, _)| known.pattern),
        }
    }

    /// The pattern that knows the texts best, and which of them. Plain words of the other server need no other text: a transcript goes on about other things.
    fn known(&self, texts: &[&str; 3]) -> Option<(Known, usize)> {
        let mut best: Option<(Known, usize)> = None;
        for (at, text) in texts.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            let Some(known) = self.patterns.best(&fold(text)) else { continue };
            let worth = |known: Known, from: usize| 2 * known.rank + 4 - FARTHER[from];
            if best.is_none_or(|(best, from)| worth(known, at) > worth(best, from)) {
                best = Some((known, at));
            }
            if best.is_some_and(|(best, _)| best.rank >= PLAIN) {
                break;
            }
        }
        best
    }

    /// The cause by what is known: words before codes, but for words that say little.
    fn weigh(
        &self,
        known: Option<(Known, usize)>,
        status: Option<Status>,
        reply: Option<Reply>,
    ) -> (Cause, Confidence, bool) {
        let by_words = known.map(|(known, from)| {
            let confidence = match known.rank {
                PLAIN.. if from < 2 => Confidence::High,
                GENERAL.. => Confidence::Medium,
                _ => Confidence::Low,
            };
            (self.patterns.list[known.pattern].cause, confidence, true)
        });
        if known.is_some_and(|(known, _)| known.rank >= GENERAL) {
            return by_words.expect("a pattern is known");
        }
        let by_status = status.and_then(|status| self.codes.cause(status));
        let is_exact =
            status.is_some_and(|s| s.is_specific() && s.detail > 1 || s.subject == 1 && s.detail == 1);
        let by_code = by_status.or_else(|| reply.and_then(|reply| self.codes.reply_cause(reply.code)));
        let by_code = by_code.map(|cause| (cause, Confidence::Low, false));
        let found = if is_exact && by_status.is_some() { by_code.or(by_words) } else { by_words.or(by_code) };
        found.unwrap_or((Cause::Unknown, Confidence::Low, false))
    }
}

/// Below this rank, words say less than an exact code.
const GENERAL: u8 = 4;

/// From this rank on, words say one thing plainly.
const PLAIN: u8 = 6;

/// Half ranks that the texts count less, the farther they are from what the other server said. All of a notice also names hosts and gives advice.
const FARTHER: [u8; 3] = [0, 1, 4];

/// The reply of a text, and the enhanced code that it holds.
fn codes(text: &str) -> (Option<Reply>, Option<Status>) {
    let reply = reply_of(text);
    let status = reply.and_then(|reply| reply.status);
    let any = || status::all(text).map(|(_, status)| status).find(|s| s.class != 2 && s.subject < 8);
    (reply, status.or_else(any))
}

/// The reply of a text: the first with an enhanced code that says something, else with any, else the first.
fn reply_of(text: &str) -> Option<Reply> {
    let mut first = None;
    let mut coded = None;
    for reply in status::replies(text).take(50) {
        match reply.status {
            Some(status) if status.is_specific() => return Some(reply),
            Some(_) => coded = coded.or(Some(reply)),
            None => first = first.or(Some(reply)),
        }
    }
    match (first, coded) {
        // `550 User unknown` and then the notice's own `554 5.0.0 Service unavailable`.
        (Some(first), Some(coded)) if first.at < coded.at => Some(first),
        (first, coded) => coded.or(first),
    }
}

/// The words that a failure was read from, on one line.
fn shown(texts: &[&str; 3]) -> String {
    let text = texts.iter().find(|text| !text.trim().is_empty()).copied().unwrap_or_default();
    let mut out = String::new();
    for word in text[..floor_boundary(text, text.len().min(4 * SHOWN))].split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }));
        if out.len() >= SHOWN {
            out.truncate(floor_boundary(&out, SHOWN));
            out.push('…');
            break;
        }
    }
    out
}
