//! Segments in, [`Zoned`] segments out: which stretches are new text, which are quoted, forwarded, signature, disclaimer or hidden.
//!
//! Line by line, from markup first, then from the wording of mail clients, which is data in `policies/zones.toml`. A zone never removes text:
//! everything is scanned, and what is found weighs by its zone.

mod boilerplate;
mod disclaimer;
mod prefixes;
mod quote;
mod signature;

use std::sync::Arc;

use serde::Deserialize;

pub use self::boilerplate::{Boilerplate, Hash};
use self::{disclaimer::Disclaimers, prefixes::Prefixes};
use crate::{
    extract::{Kind, Markup, Segment},
    span::Span,
};

/// What a stretch of text is within its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Zone {
    /// Subject and display names.
    Header,
    /// Text that the sender wrote in this message.
    Authored,
    /// Text of an earlier message that is replied to.
    Quoted,
    /// A message passed on.
    Forwarded,
    /// The sender's signature.
    Signature,
    /// Legal boilerplate.
    Disclaimer,
    /// Text that a reader does not see.
    Hidden,
    /// Name of an attached file.
    Filename,
    /// Link targets and properties.
    Metadata,
    /// Text of an attached file.
    Attachment,
}

impl Zone {
    /// Every zone, in order.
    pub const ALL: [Zone; 10] = [
        Zone::Header,
        Zone::Authored,
        Zone::Quoted,
        Zone::Forwarded,
        Zone::Signature,
        Zone::Disclaimer,
        Zone::Hidden,
        Zone::Filename,
        Zone::Metadata,
        Zone::Attachment,
    ];

    /// The name in JSON and policies.
    pub fn as_str(self) -> &'static str {
        match self {
            Zone::Header => "header",
            Zone::Authored => "authored",
            Zone::Quoted => "quoted",
            Zone::Forwarded => "forwarded",
            Zone::Signature => "signature",
            Zone::Disclaimer => "disclaimer",
            Zone::Hidden => "hidden",
            Zone::Filename => "filename",
            Zone::Metadata => "metadata",
            Zone::Attachment => "attachment",
        }
    }
}

/// A segment with its zones.
#[derive(Debug)]
pub struct Zoned<'m> {
    /// The segment.
    pub segment: Segment<'m>,
    /// Where each zone starts in the segment's text, ascending, the first at 0.
    pub(crate) zones: Vec<(usize, Zone)>,
    /// Addresses that the quoted and forwarded messages in it name as their senders and recipients, lower case.
    pub participants: Vec<String>,
}

impl Zoned<'_> {
    /// The zone of the byte at `at` of the segment's text.
    pub fn zone_at(&self, at: usize) -> Zone {
        let index = self.zones.partition_point(|(start, _)| *start <= at);
        self.zones[index.saturating_sub(1)].1
    }
}

/// A line of a text and what it was found to be.
#[derive(Clone, Copy, Debug)]
struct Line<'t> {
    span: Span,
    text: &'t str,
    zone: Zone,
}

/// The wording by which zones are recognised.
#[derive(Debug)]
pub struct Wording {
    file: File,
    disclaimers: Disclaimers,
    boilerplate: Boilerplate,
}

/// `policies/zones.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    reply: quote::Words,
    signature: signature::Words,
    disclaimer: Vec<disclaimer::Family>,
    disclaimer_rules: disclaimer::Rules,
}

impl Wording {
    /// The wording that ships with presend.
    pub fn embedded() -> Wording {
        let mut file: File = toml::from_str(include_str!("../../policies/zones.toml"))
            .expect("the embedded file is tested to parse");
        file.reply.prepare();
        let disclaimers = Disclaimers::new(&file.disclaimer, &file.disclaimer_rules);
        Wording { file, disclaimers, boilerplate: Boilerplate::default() }
    }

    /// The wording with the paragraphs that an organisation has learned.
    pub fn with(self, boilerplate: Boilerplate) -> Wording {
        Wording { boilerplate, ..self }
    }

    /// Class names and ids for the HTML extractor.
    pub fn markup(&self) -> Arc<Markup> {
        Arc::new(Markup { quote: self.file.reply.html.clone(), signature: self.file.signature.html.clone() })
    }

    /// The zone of a subject: the words of one that is answered or passed on are not the sender's.
    fn subject(&self, subject: &str) -> Zone {
        let subject = subject.trim_start();
        let starts =
            |prefixes: &Prefixes| prefixes.may_begin(subject) && prefixes.of(subject).next().is_some();
        if starts(&self.file.reply.subject_forward) {
            Zone::Forwarded
        } else if starts(&self.file.reply.subject_reply) {
            Zone::Quoted
        } else {
            Zone::Header
        }
    }

    /// Marks the zones of all segments of a message.
    pub fn mark<'m>(&self, segments: Vec<Segment<'m>>) -> Vec<Zoned<'m>> {
        let forwarded = segments
            .iter()
            .find(|segment| segment.kind == Kind::Subject)
            .is_some_and(|segment| self.subject(&segment.text) == Zone::Forwarded);
        segments.into_iter().map(|segment| self.mark_one(segment, forwarded)).collect()
    }

    fn mark_one<'m>(&self, segment: Segment<'m>, forwarded: bool) -> Zoned<'m> {
        let zone = match segment.kind {
            Kind::Subject => self.subject(&segment.text),
            Kind::Names | Kind::Label => Zone::Header,
            Kind::FileName => Zone::Filename,
            Kind::Hidden | Kind::AttachedHidden => Zone::Hidden,
            Kind::Links | Kind::Property => Zone::Metadata,
            Kind::Attached | Kind::Marked => Zone::Attachment,
            Kind::Plain | Kind::Html => {
                let (zones, participants) = self.mark_lines(&segment, forwarded);
                return Zoned { segment, zones, participants };
            }
        };
        Zoned { segment, zones: vec![(0, zone)], participants: Vec::new() }
    }

    fn mark_lines(&self, segment: &Segment<'_>, forwarded: bool) -> (Vec<(usize, Zone)>, Vec<String>) {
        let mut lines = split(&segment.text);
        for (spans, zone) in [(&segment.signature, Zone::Signature), (&segment.quoted, Zone::Quoted)] {
            mark_within(&mut lines, spans, zone);
        }
        quote::mark(&mut lines, &self.file.reply, forwarded);
        let participants = quote::participants(&lines, &self.file.reply);
        self.disclaimers.mark(&segment.text, &mut lines, segment.kind == Kind::Plain);
        self.boilerplate.mark(&mut lines, segment.kind == Kind::Plain);
        signature::mark(&mut lines, &self.file.signature);
        let mut zones = vec![(0, Zone::Authored)];
        for line in &lines {
            let last = zones.last_mut().expect("it starts with one entry");
            if last.1 != line.zone {
                if last.0 == line.span.start {
                    last.1 = line.zone;
                } else {
                    zones.push((line.span.start, line.zone));
                }
            }
        }
        (zones, participants)
    }
}

/// Marks the lines that start within one of `spans`, which may nest.
fn mark_within(lines: &mut [Line<'_>], spans: &[Span], zone: Zone) {
    let mut spans = spans.to_vec();
    spans.sort_unstable();
    let (mut next, mut end) = (0, 0);
    for line in lines {
        if next == spans.len() && line.span.start >= end {
            return;
        }
        while let Some(span) = spans.get(next).filter(|span| span.start <= line.span.start) {
            end = end.max(span.end);
            next += 1;
        }
        if line.span.start < end {
            line.zone = zone;
        }
    }
}

/// Bytes of a line of mail, about.
const LINE: usize = 32;

/// Lines of a text, all new text until found to be something else.
fn split(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::with_capacity(text.len() / LINE + 1);
    let (mut start, whole) = (0, text.len());
    let mut push = |end: usize| {
        let line = &text[start..end];
        let text = line.strip_suffix('\r').unwrap_or(line);
        lines.push(Line { span: Span::new(start, (end + 1).min(whole)), text, zone: Zone::Authored });
        start = end + 1;
    };
    memchr::memchr_iter(b'\n', text.as_bytes()).for_each(&mut push);
    if !text.ends_with('\n') {
        push(text.len());
    }
    lines
}

/// The label of a `label: value` line, trimmed of the stars and spaces that clients put around it, lower case; and the value.
fn labelled(line: &str) -> Option<(String, &str)> {
    let start = &line.as_bytes()[..line.len().min(24)];
    if start.is_ascii() && !start.contains(&b':') {
        return None;
    }
    let colon = line.char_indices().take(24).find(|(_, c)| matches!(c, ':' | '：'))?;
    let label: String =
        line[..colon.0].chars().filter(|c| !c.is_whitespace() && !matches!(c, '*' | '>')).collect();
    let value = &line[colon.0 + colon.1.len_utf8()..];
    (!label.is_empty()).then(|| (label.to_lowercase(), value.trim()))
}

#[cfg(test)]
mod tests;
