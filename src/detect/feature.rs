//! Signals of bulk and commercial mail, and what speaks against it, in how a message is built and addressed.
//!
//! A signal is a function and a line in the registry; what it weighs and says is in `policies/advertising/model.toml`. All look at what is parsed already.

use super::{
    Finding, Location,
    structure::{Check, plain},
};
use crate::{
    extract::Kind as SegmentKind,
    message::Message,
    normalize::Text,
    policy::{Kind, Rule},
    span::Span,
    zone::Zone,
};

/// Every signal by its name in packs.
pub(super) const FEATURES: &[(&str, Check)] = &[
    ("answer", answer),
    ("quoted-text", quoted_text),
    ("greeting-by-name", greeting_by_name),
    ("attached-document", attached_document),
    ("many-recipients", many_recipients),
    ("price", price),
    ("exclamation", exclamation),
    ("subject-exclamation", |rule, _, _, texts, findings| subject_mark(rule, b'!', texts, findings)),
    ("subject-question", |rule, _, _, texts, findings| subject_mark(rule, b'?', texts, findings)),
    ("pictograph", pictograph),
    ("web-link", web_link),
    ("merge-field", merge_field),
];

/// Signals that are one of their `values` as a word of a link.
pub(super) const WORDS: &[&str] = &["tracking-link"];

/// The signal of this name.
pub(super) fn find(name: &str) -> Option<Check> {
    FEATURES.iter().find(|(known, _)| *known == name).map(|(_, check)| *check)
}

/// A finding at a place of a text.
fn at(rule: usize, (index, text): (usize, &Text<'_>), span: Span) -> Finding {
    Finding { location: Location::Text { text: index, span }, zone: text.zone_at(span.start), ..plain(rule) }
}

/// The texts that the sender wrote: subject and body, with their index.
fn written<'t, 'm>(texts: &'t [Text<'m>]) -> impl Iterator<Item = (usize, &'t Text<'m>)> {
    let is_written = |(_, text): &(usize, &Text<'_>)| {
        matches!(text.zoned.segment.kind, SegmentKind::Subject | SegmentKind::Plain | SegmentKind::Html)
    };
    texts.iter().enumerate().filter(is_written)
}

fn subject<'t, 'm>(texts: &'t [Text<'m>]) -> Option<(usize, &'t Text<'m>)> {
    written(texts).find(|(_, text)| text.zoned.segment.kind == SegmentKind::Subject)
}

/// Whether a place was written for this message.
fn is_new(text: &Text<'_>, start: usize) -> bool {
    matches!(text.zone_at(start), Zone::Authored | Zone::Header)
}

/// An answer or a message passed on, by its header or its subject.
fn answer(rule: usize, _: &Rule, message: &Message<'_>, texts: &[Text<'_>], findings: &mut Vec<Finding>) {
    let is_passed_on = |(_, text): (usize, &Text<'_>)| is_earlier(text.zone_at(0));
    if message.header.is_reply || subject(texts).is_some_and(is_passed_on) {
        findings.push(plain(rule));
    }
}

/// Whether what stands in a zone was written for another message.
fn is_earlier(zone: Zone) -> bool {
    matches!(zone, Zone::Quoted | Zone::Forwarded)
}

/// Text of an earlier message.
fn quoted_text(rule: usize, _: &Rule, _: &Message<'_>, texts: &[Text<'_>], findings: &mut Vec<Finding>) {
    let holds = |(_, text): (usize, &Text<'_>)| {
        let is_body = text.zoned.segment.kind != SegmentKind::Subject;
        is_body && text.zoned.zones.iter().any(|(_, zone)| is_earlier(*zone))
    };
    if written(texts).any(holds) {
        findings.push(plain(rule));
    }
}

/// A first line that greets one person: one of `values` before a name, in Chinese behind it.
fn greeting_by_name(
    rule: usize,
    content: &Rule,
    _: &Message<'_>,
    texts: &[Text<'_>],
    findings: &mut Vec<Finding>,
) {
    let Kind::Structure { values, .. } = &content.kind else { return };
    for (index, text) in written(texts).filter(|(_, text)| text.zoned.segment.kind != SegmentKind::Subject) {
        let Some(line) = text.folded.lines().map(str::trim).find(|line| !line.is_empty()) else { continue };
        if greets(line, values) {
            let start = line.as_ptr() as usize - text.folded.as_ptr() as usize;
            findings.push(at(rule, (index, text), Span::new(start, start + line.len())));
            return;
        }
    }
}

/// Whether a line is a greeting and a name: `dear ms okafor,` and `王总:`.
fn greets(line: &str, values: &[String]) -> bool {
    let end = line.find([',', ':', '!', '.', ';']).unwrap_or(line.len());
    let (greeting, is_ascii) = (&line[..end], line[..end].is_ascii());
    let length = greeting.chars().count();
    if length > if is_ascii { 32 } else { 8 } || (end == line.len() && length < line.trim().chars().count()) {
        return false;
    }
    let named = |value: &String| {
        let name = if is_ascii {
            greeting.strip_prefix(value.as_str())
        } else {
            greeting.strip_suffix(value.as_str())
        };
        name.is_some_and(|name| {
            let name = name.trim();
            let words = name.split(' ').count();
            let is_short =
                if is_ascii { words <= 3 } else { words == 1 && (1..=5).contains(&name.chars().count()) };
            let is_name = |word: &str| word.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\''));
            !name.is_empty()
                && is_short
                && name.split(' ').all(is_name)
                && !IMPERSONAL.iter().any(|word| name.split(' ').any(|part| part == *word))
                && (is_ascii || !IMPERSONAL.iter().any(|word| name.contains(word)))
        })
    };
    values.iter().any(named)
}

/// What follows a greeting and is nobody's name.
const IMPERSONAL: &[&str] = &[
    "all",
    "there",
    "everyone",
    "everybody",
    "friend",
    "friends",
    "customer",
    "customers",
    "member",
    "members",
    "sir",
    "sirs",
    "madam",
    "team",
    "user",
    "users",
    "subscriber",
    "reader",
    "readers",
    "homeowner",
    "owner",
    "guest",
    "shopper",
    "colleagues",
    "colleague",
    "again",
    "and",
    "from",
    "尊敬",
    "亲爱",
    "各位",
    "客户",
    "会员",
    "家长",
    "用户",
    "顾客",
    "朋友",
    "同事",
    "大家",
    "老板",
];

/// A file that goes along, but for pictures, sound and film.
fn attached_document(
    rule: usize,
    _: &Rule,
    message: &Message<'_>,
    _: &[Text<'_>],
    findings: &mut Vec<Finding>,
) {
    let is_media = |kind: &str| ["image/", "audio/", "video/"].iter().any(|media| kind.starts_with(media));
    let is_document = |part: &&crate::message::Part<'_>| {
        part.is_attachment && !part.is_inline && part.name.is_some() && !is_media(&part.media_type)
    };
    if let Some(part) = message.parts.iter().find(is_document) {
        let place = part.place.iter().chain(&part.name).cloned().collect();
        let location = Location::Part { number: part.number.clone(), place };
        findings.push(Finding { location, zone: Zone::Filename, ..plain(rule) });
    }
}

/// More recipients than a conversation has.
fn many_recipients(
    rule: usize,
    _: &Rule,
    message: &Message<'_>,
    _: &[Text<'_>],
    findings: &mut Vec<Finding>,
) {
    const MANY: usize = 20;
    if message.header.recipients.len() > MANY {
        findings.push(plain(rule));
    }
}

/// An amount of money: a sign of `values` beside a digit. Several say a little more.
fn price(rule: usize, content: &Rule, _: &Message<'_>, texts: &[Text<'_>], findings: &mut Vec<Finding>) {
    let Kind::Structure { values, .. } = &content.kind else { return };
    let mut first = None;
    let mut count = 0;
    for (index, text) in written(texts) {
        let folded = &text.folded;
        let is_ascii = folded.is_ascii();
        for value in values.iter().filter(|value| !is_ascii || value.is_ascii()) {
            for start in places(folded.as_bytes(), value.as_bytes()).take(64) {
                let span = Span::new(start, start + value.len());
                if is_amount(folded, span) && is_new(text, start) {
                    count += 1;
                    first = first.or(Some((index, text, span)));
                }
            }
        }
    }
    if let Some((index, text, span)) = first {
        let strength = if count >= 3 { 1.3 } else { 1.0 };
        findings.push(Finding { strength, ..at(rule, (index, text), span) });
    }
}

/// Where `wanted` stands; most signs are one byte, and are found without a searcher.
fn places<'b>(bytes: &'b [u8], wanted: &'b [u8]) -> Box<dyn Iterator<Item = usize> + 'b> {
    match *wanted {
        [byte] => Box::new(memchr::memchr_iter(byte, bytes)),
        _ => Box::new(memchr::memmem::find_iter(bytes, wanted)),
    }
}

/// Whether the sign of a currency stands before a digit, or right behind one.
fn is_amount(text: &str, sign: Span) -> bool {
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    let next = bytes.get(sign.end).filter(|byte| **byte != b' ').or_else(|| bytes.get(sign.end + 1));
    let before = text[..sign.start].trim_end_matches(' ').as_bytes();
    is_digit(next) || is_digit(before.last())
}

/// Exclamation marks in what is new.
fn exclamation(rule: usize, _: &Rule, _: &Message<'_>, texts: &[Text<'_>], findings: &mut Vec<Finding>) {
    for (index, text) in written(texts) {
        let marks = memchr::memchr_iter(b'!', text.folded.as_bytes());
        let mut new = marks.filter(|start| is_new(text, *start)).take(3);
        if let Some(start) = new.next() {
            let strength = if new.count() == 2 { 1.5 } else { 1.0 };
            let found = at(rule, (index, text), Span::new(start, start + 1));
            findings.push(Finding { strength, ..found });
            return;
        }
    }
}

/// A mark in the subject.
fn subject_mark(rule: usize, mark: u8, texts: &[Text<'_>], findings: &mut Vec<Finding>) {
    let Some((index, text)) = subject(texts) else { return };
    if let Some(start) = memchr::memchr(mark, text.folded.as_bytes()) {
        findings.push(at(rule, (index, text), Span::new(start, start + 1)));
    }
}

/// Pictographs and ornaments: emoji, stars, hearts, ticks.
fn pictograph(rule: usize, _: &Rule, _: &Message<'_>, texts: &[Text<'_>], findings: &mut Vec<Finding>) {
    for (index, text) in written(texts) {
        let folded = &text.folded;
        let heads = memchr::memchr2_iter(0xf0, 0xe2, folded.as_bytes());
        let is_picture = |start: &usize| {
            let character = folded.get(*start..).and_then(|rest| rest.chars().next());
            matches!(character, Some('\u{1f300}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}'))
                && is_new(text, *start)
        };
        if let Some(start) = heads.take(256).find(is_picture) {
            let len = folded[start..].chars().next().map_or(0, char::len_utf8);
            findings.push(at(rule, (index, text), Span::new(start, start + len)));
            return;
        }
    }
}

/// A link to the web, in the text or behind it.
fn web_link(rule: usize, _: &Rule, _: &Message<'_>, texts: &[Text<'_>], findings: &mut Vec<Finding>) {
    for (index, text) in texts.iter().enumerate() {
        let found = match text.zoned.segment.kind {
            SegmentKind::Links => memchr::memmem::find(text.folded.as_bytes(), b"http").map(|_| plain(rule)),
            SegmentKind::Plain | SegmentKind::Html => {
                memchr::memmem::find_iter(text.folded.as_bytes(), b"://")
                    .find(|start| is_new(text, *start))
                    .map(|start| at(rule, (index, text), Span::new(start, start + 3)))
            }
            _ => None,
        };
        if let Some(finding) = found {
            findings.push(finding);
            return;
        }
    }
}

/// Whether a place is in a link.
pub(super) fn is_linked(text: &Text<'_>, span: Span) -> bool {
    let before = &text.folded[..span.start];
    let word = before.rfind(char::is_whitespace).map_or(before, |at| &before[at..]);
    text.zoned.segment.kind == SegmentKind::Links || word.contains("://")
}

/// A field of a template that was left unfilled: `{{name}}`, `*|FNAME|*`, `%%name%%`.
fn merge_field(rule: usize, _: &Rule, _: &Message<'_>, texts: &[Text<'_>], findings: &mut Vec<Finding>) {
    const MARKS: [(&str, &str); 4] = [("{{", "}}"), ("*|", "|*"), ("%%", "%%"), ("[[", "]]")];
    const LONGEST: usize = 40;
    for (index, text) in written(texts) {
        for (open, close) in MARKS {
            let Some(start) = double(text.folded.as_bytes(), open.as_bytes()) else { continue };
            let name = &text.folded[start + open.len()..];
            let is_name = |len: &usize| {
                let name = name[..*len].trim();
                *len <= LONGEST
                    && name.starts_with(|c: char| c.is_ascii_alphabetic())
                    && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-. |".contains(&byte))
            };
            if let Some(len) = name.find(close).filter(is_name) {
                let end = start + open.len() + len + close.len();
                findings.push(at(rule, (index, text), Span::new(start, end)));
                return;
            }
        }
    }
}

/// Where two bytes first stand together.
fn double(bytes: &[u8], pair: &[u8]) -> Option<usize> {
    memchr::memchr_iter(*pair.first()?, bytes).find(|start| bytes[*start..].starts_with(pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greetings_name_a_person() {
        let values: Vec<String> =
            ["dear", "hi", "hello", "总", "工", "老师", "您好"].map(String::from).to_vec();
        for line in [
            "dear ms okafor,",
            "hi dana,",
            "hello jean-luc",
            "王总:",
            "李工,",
            "陈老师您好:",
            "张伟您好,附件请查收",
        ] {
            assert!(greets(line, &values), "{line}");
        }
        for line in [
            "dear valued customer,",
            "hi there,",
            "hi all,",
            "hello, the parts you asked for are in",
            "high season is here",
            "总部位于上海的我们,专注于展会",
            "总之,",
            "您好,",
            "尊敬的老师:",
            "尊敬的会员您好",
        ] {
            assert!(!greets(line, &values), "{line}");
        }
    }

    #[test]
    fn amounts_have_digits() {
        for (text, sign, want) in [
            ("now $ 49", "$", true),
            ("399元起", "元", true),
            ("公元前", "元", false),
            ("us$ and", "$", false),
            ("5 €", "€", true),
        ] {
            let start = text.find(sign).expect("it is there");
            assert_eq!(is_amount(text, Span::new(start, start + sign.len())), want, "{text}");
        }
    }
}
