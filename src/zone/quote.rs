//! Quoted and forwarded text: what mail clients write above the message that they answer or pass on.

use serde::Deserialize;

use super::{
    Line, Zone, labelled,
    prefixes::{Heads, Prefixes, begins},
};

/// Wording of replies and forwards.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    /// Separator lines above a quoted message.
    original: Prefixes,
    /// Separator lines above a message passed on.
    forwarded: Prefixes,
    /// Attribution lines: `On ... wrote:`.
    wrote: Vec<Wrote>,
    /// Labels of a header block, by meaning.
    from: Prefixes,
    sent: Prefixes,
    to: Prefixes,
    cc: Prefixes,
    subject: Prefixes,
    /// Subject prefixes.
    pub(super) subject_forward: Prefixes,
    pub(super) subject_reply: Prefixes,
    /// Class names and ids of elements that hold a quoted message.
    pub(super) html: Vec<String>,
    /// How separators and labels begin.
    #[serde(skip)]
    heads: Heads,
    /// How labels begin.
    #[serde(skip)]
    labels: Heads,
}

impl Words {
    /// Collects how separators and labels begin.
    pub(super) fn prepare(&mut self) {
        let labels = [&self.from, &self.sent, &self.to, &self.cc, &self.subject];
        self.labels = Heads::of(labels);
        self.heads = Heads::of([&self.original, &self.forwarded].into_iter().chain(labels));
    }
}

/// An attribution line, by how it starts and ends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrote {
    start: String,
    end: String,
}

/// How many lines of a header block are looked at, blank ones included.
const BLOCK: usize = 12;
/// How many lines an attribution may be wrapped to.
const ATTRIBUTION: usize = 3;

/// Marks quoted and forwarded lines. `forwarded`: the subject says that this message passes another on.
pub(super) fn mark(lines: &mut [Line<'_>], words: &Words, forwarded: bool) {
    let mut rest = None;
    let mut at = 0;
    // The next line that an attribution may end with.
    let mut colon = None;
    while at < lines.len() {
        if let Some(zone) = rest {
            lines[at].zone = zone;
            at += 1;
            continue;
        }
        if lines[at].text.starts_with('>') {
            lines[at].zone = Zone::Quoted;
            at += 1;
            continue;
        }
        if colon.is_none_or(|colon| colon < at) {
            let next = lines[at..].iter().position(|line| ends_with_colon(line.text));
            colon = Some(next.map_or(lines.len(), |next| at + next));
        }
        let may_end = colon.is_some_and(|colon| colon < at + ATTRIBUTION);
        let text = trim_start(lines[at].text);
        let is_word = text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric);
        if text.is_empty() || is_word && !may_end && !words.heads.may_begin(text) {
            at += 1;
            continue;
        }
        if text.starts_with('>') {
            lines[at].zone = Zone::Quoted;
        } else if let Some(zone) = separator(text, words) {
            rest = Some(zone);
            lines[at].zone = zone;
        } else if starts_block(&lines[at..], words) {
            rest = Some(if forwarded { Zone::Forwarded } else { Zone::Quoted });
            continue;
        } else if may_end && let Some(length) = attribution(&lines[at..], words) {
            for line in &mut lines[at..at + length] {
                line.zone = Zone::Quoted;
            }
            at += length;
            // With quote marks the answer may stand between the quoted lines; without, all that follows is the quoted message.
            let next = lines[at..].iter().find(|line| !line.text.trim().is_empty());
            if next.is_some_and(|line| !line.text.trim_start().starts_with('>')) {
                rest = Some(Zone::Quoted);
            }
            continue;
        }
        at += 1;
    }
}

/// Addresses on the lines of quoted and forwarded messages that name senders and recipients, lower case.
pub(super) fn participants(lines: &[Line<'_>], words: &Words) -> Vec<String> {
    let mut found = Vec::new();
    // Whether the line before names people: a list of them may be wrapped.
    let mut goes_on = false;
    for line in lines.iter().filter(|line| matches!(line.zone, Zone::Quoted | Zone::Forwarded)) {
        if !line.text.contains('@') {
            goes_on = false;
            continue;
        }
        let label = labelled(line.text).map(|(label, _)| label);
        let names = match &label {
            Some(label) => {
                [&words.from, &words.to, &words.cc].iter().any(|set| set.are(label))
                    || ends_with_colon(line.text)
            }
            None => goes_on || ends_with_colon(line.text),
        };
        goes_on = names;
        if names {
            found.extend(addresses(line.text));
        }
    }
    found
}

/// The addresses in a line, lower case.
fn addresses(line: &str) -> impl Iterator<Item = String> {
    let is_part = |c: char| c.is_alphanumeric() || "@.-_+%=!#$&'*/?^{|}~".contains(c);
    line.split(move |c| !is_part(c))
        .map(|word| word.trim_matches(['.', '\'', '*']).trim_start_matches("mailto:"))
        .filter(|word| {
            word.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'))
        })
        .map(str::to_lowercase)
}

/// A line that is nothing but `-----Original Message-----` or its like.
fn separator(text: &str, words: &Words) -> Option<Zone> {
    let framed = text.starts_with(['-', '_', '=', '*', '—', '－']);
    let may_begin = || words.original.may_begin(text) || words.forwarded.may_begin(text);
    if !framed && (text.len() > 90 || !may_begin()) {
        return None;
    }
    let core = text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '-' | '_' | '=' | '*' | '—' | '－' | ':' | '：')
    });
    // QQ Mail writes its HTML into the plain text.
    let core = core.strip_prefix("&nbsp;").unwrap_or(core);
    let core = core.strip_suffix("&nbsp;").unwrap_or(core).trim();
    if core.is_empty() || core.len() > 90 || (!framed && core.len() > 60) {
        return None;
    }
    let is = |markers: &Prefixes| if framed { markers.of(core).next().is_some() } else { markers.are(core) };
    if is(&words.forwarded) {
        Some(Zone::Forwarded)
    } else if is(&words.original) {
        Some(Zone::Quoted)
    } else {
        None
    }
}

/// Whether a block of at least three header labels starts here (From, Sent, To, Subject in any language).
fn starts_block(lines: &[Line<'_>], words: &Words) -> bool {
    let sets = [&words.from, &words.sent, &words.to, &words.cc, &words.subject];
    let meaning = |line: &Line<'_>| {
        if !words.labels.may_begin(line.text.trim_start_matches([' ', '*', '>'])) {
            return None;
        }
        let (label, _) = labelled(line.text)?;
        sets.iter().position(|set| set.are(&label))
    };
    let Some(first) = meaning(&lines[0]) else { return false };
    let mut seen = [false; 5];
    seen[first] = true;
    let mut strangers = 0;
    for line in lines[1..].iter().take(BLOCK).filter(|line| !line.text.trim().is_empty()) {
        match meaning(line) {
            Some(meaning) => seen[meaning] = true,
            // A long value may run over a line.
            None if strangers < 2 => strangers += 1,
            None => break,
        }
    }
    seen.iter().filter(|seen| **seen).count() >= 3
}

/// How many lines an attribution that starts here takes; it may be wrapped.
fn attribution(lines: &[Line<'_>], words: &Words) -> Option<usize> {
    let first = lines[0].text.trim_start();
    for (index, line) in lines.iter().take(ATTRIBUTION).enumerate() {
        let end = line.text.trim_end();
        if end.is_empty() {
            return None;
        }
        if !end.ends_with([':', '：']) {
            continue;
        }
        let lower = tail(end, 40).to_lowercase();
        let attributed = |wrote: &Wrote| {
            lower.ends_with(&wrote.end)
                && begins(first, &wrote.start)
                // Without a start the line itself must look like one: an address or a date in it.
                && (!wrote.start.is_empty() || (index == 0 && (end.contains('@') || end.contains("20"))))
        };
        if words.wrote.iter().any(attributed) {
            return Some(index + 1);
        }
    }
    None
}

/// A line without the white space that it begins with; most begin with none.
fn trim_start(line: &str) -> &str {
    if line.as_bytes().first().is_some_and(u8::is_ascii_graphic) { line } else { line.trim_start() }
}

/// Whether a line ends as an attribution does.
fn ends_with_colon(line: &str) -> bool {
    let line = line.as_bytes();
    if line.last().is_none_or(u8::is_ascii_alphanumeric) {
        return false;
    }
    let line = line.trim_ascii_end();
    line.ends_with(b":") || line.ends_with("：".as_bytes())
}

/// The last `count` characters at most.
fn tail(text: &str, count: usize) -> &str {
    text.char_indices().rev().nth(count).map_or(text, |(at, _)| &text[at..])
}
