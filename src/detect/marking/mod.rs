//! Markings: a word such as CONFIDENTIAL counts only where and as markings stand, never in prose.
//!
//! The words of all marking rules are read together: one rule's label stands before another's level, of words that overlap the longest counts, and a phrase
//! about confidentiality is none for any of them. [`form`] decides by position and form.

mod form;
mod line;
mod site;

use std::{collections::HashMap, sync::Arc};

use self::form::{Stand, Words};
use super::{Confidence, Evasion, Finding, Ignored, Location, Value};
use crate::{
    extract,
    normalize::Text,
    policy::{Action, Kind, Marking, Policy},
    span::Span,
};

/// The part that a word plays in a marking rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A marking.
    Term,
    /// A marking, its letters set apart by spaces or signs.
    Spaced,
    /// A marking only behind a label, in brackets or in capitals.
    Weak,
    /// A marking that goes on with other words.
    Open,
    /// It says that the message may be passed on, or denies a marking.
    Released,
    /// A phrase about confidentiality.
    Topic,
    /// A word that a term only happens to stand in.
    Allow,
    /// The label of a marking.
    Label,
    /// The label of a title.
    Title,
}

impl Role {
    /// Whether it is found for its own sake: labels and phrases are only read beside markings.
    pub(super) fn is_looked_for(self) -> bool {
        !matches!(self, Role::Topic | Role::Allow | Role::Label | Role::Title)
    }
}

/// A word of a marking rule in a text.
#[derive(Clone, Debug)]
pub(super) struct Word<'l> {
    pub(super) span: Span,
    pub(super) rule: usize,
    pub(super) role: Role,
    /// As the pack writes it.
    pub(super) text: &'l Arc<str>,
}

/// What is to be known of the marking rules of a policy beside their words.
#[derive(Debug)]
pub(super) struct Markings {
    /// The rule for each header field, by lower-case name.
    fields: HashMap<String, usize>,
    /// By rule: whether its terms count in the fields of its own alone.
    is_for_fields: Vec<bool>,
    /// By rule: whether it rejects wherever it is found.
    rejects: Vec<bool>,
}

impl Markings {
    pub(super) fn compile(policy: &Policy) -> Markings {
        let fields_of = |kind: &Kind| match kind {
            Kind::Marking(marking) => marking.fields.clone(),
            _ => Vec::new(),
        };
        let mut fields = HashMap::new();
        for (index, rule) in policy.rules.iter().enumerate() {
            for field in fields_of(&rule.kind) {
                fields.entry(field).or_insert(index);
            }
        }
        Markings {
            fields,
            is_for_fields: policy.rules.iter().map(|rule| !fields_of(&rule.kind).is_empty()).collect(),
            rejects: policy.rules.iter().map(|rule| rule.action == Action::Reject).collect(),
        }
    }

    /// The markings of a text, and what looks like one and does not count.
    pub(super) fn find(
        &self,
        index: usize,
        text: &Text<'_>,
        words: Vec<Word<'_>>,
        findings: &mut Vec<Finding>,
    ) {
        let Some(stand) = Stand::of(text.zoned.segment.kind) else { return };
        // A header field is read only where a rule is for it.
        let field = match (stand, text.zoned.segment.place.last()) {
            (Stand::Value, name) => match name.and_then(|name| self.fields.get(&name.to_ascii_lowercase())) {
                Some(rule) => Some(*rule),
                None => return,
            },
            _ => None,
        };
        let is_read = |word: &Word<'_>| {
            (field.is_some() || !self.is_for_fields[word.rule]) && !is_decoration(&text.folded, word.span)
        };
        let sorted = Sorted::of(words.into_iter().filter(is_read));
        let at = |word: &Word<'_>, rule: usize, ignored: Option<Ignored>, confidence| Finding {
            rule,
            location: Location::Text { text: index, span: word.span },
            confidence,
            zone: text.zone_at(word.span.start),
            value: Value::Term(Arc::clone(word.text)),
            strength: 1.0,
            ignored,
            evasion: (word.role == Role::Spaced).then_some(Evasion::Separators),
            trace: None,
        };
        let prose = || Some(Ignored::Prose);
        findings.extend(sorted.topics.iter().map(|word| at(word, word.rule, prose(), Confidence::High)));
        let known = Words {
            text,
            marks: &sorted.marks,
            released: &sorted.released,
            labels: &sorted.labels,
            titles: &sorted.titles,
        };
        for word in &sorted.marks {
            let rule = field.filter(|_| !self.rejects[word.rule]).unwrap_or(word.rule);
            match known.form(stand, word) {
                Some(confidence) => findings.push(at(word, rule, None, confidence)),
                // Weak words are everywhere in prose.
                None if word.role == Role::Weak => {}
                None => findings.push(at(word, rule, prose(), Confidence::High)),
            }
        }
        for word in &sorted.released {
            let denies = sorted.denied.binary_search(&word.span).is_ok();
            if denies || known.form(stand, word).is_some() {
                findings.push(at(word, word.rule, Some(Ignored::Released), Confidence::High));
            }
        }
    }
}

/// Whether the star of a term is one of a rating, or one of two around a word: 绝密★★★★☆, ★机密★.
fn is_decoration(folded: &str, span: Span) -> bool {
    let is_star = |c: char| matches!(c, '★' | '☆');
    let (before, after) = (folded[..span.start].trim_end(), folded[span.end..].trim_start());
    let is_rated = after.starts_with(is_star)
        && (span.of_str(folded).ends_with(is_star) || after.chars().take(2).all(is_star));
    is_rated || before.ends_with(is_star) && span.of_str(folded).ends_with(is_star)
}

/// The words of a text by what they are, those that others explain taken out.
#[derive(Default)]
struct Sorted<'l> {
    marks: Vec<Word<'l>>,
    released: Vec<Word<'l>>,
    /// Spans of the released words that hold a marking: they deny it.
    denied: Vec<Span>,
    /// Phrases that hold a marking.
    topics: Vec<Word<'l>>,
    labels: Vec<Span>,
    titles: Vec<Span>,
}

impl<'l> Sorted<'l> {
    fn of(words: impl Iterator<Item = Word<'l>>) -> Sorted<'l> {
        let mut sorted = Sorted::default();
        let (mut allowed, mut topics) = (Vec::new(), Vec::new());
        for word in words {
            match word.role {
                Role::Term | Role::Spaced | Role::Weak | Role::Open => sorted.marks.push(word),
                Role::Released => sorted.released.push(word),
                Role::Topic => topics.push(word),
                Role::Allow => allowed.push(word),
                Role::Label => sorted.labels.push(word.span),
                Role::Title => sorted.titles.push(word.span),
            }
        }
        sorted.labels.sort_unstable();
        sorted.titles.sort_unstable();
        longest(&mut sorted.marks);
        longest(&mut sorted.released);
        longest(&mut topics);
        // A longer marking explains a released word in it: UNCLASSIFIED//FOUO.
        let holder = Cover::of(&sorted.marks);
        sorted.released.retain(|word| holder.of_longer(word.span).is_none());
        let (deniers, talk, accident) =
            (Cover::of(&sorted.released), Cover::of(&topics), Cover::of(&allowed));
        let (mut denied, mut spoken) = (Vec::new(), Vec::new());
        sorted.marks.retain(|word| {
            if let Some(at) = deniers.of_longer(word.span) {
                denied.push(sorted.released[at].span);
            } else if let Some(at) = talk.of_longer(word.span) {
                if word.role != Role::Weak {
                    spoken.push(at);
                }
            } else if accident.of_longer(word.span).is_none() {
                return true;
            }
            false
        });
        denied.sort_unstable();
        spoken.dedup();
        sorted.topics = spoken.into_iter().map(|at| topics[at].clone()).collect();
        sorted.denied = denied;
        sorted
    }
}

/// Of words that overlap keeps the leftmost, of those the longest, of those the surest.
fn longest(words: &mut Vec<Word<'_>>) {
    let doubt = |role: Role| matches!(role, Role::Weak | Role::Spaced);
    words
        .sort_by_key(|word| (word.span.start, std::cmp::Reverse(word.span.end), doubt(word.role), word.rule));
    let mut end = 0;
    words.retain(|word| {
        let is_free = word.span.start >= end;
        if is_free {
            end = word.span.end;
        }
        is_free
    });
}

/// Finds the word that holds a span.
struct Cover {
    /// Ascending by start, with the index of each word.
    spans: Vec<(Span, usize)>,
    longest: usize,
}

impl Cover {
    fn of(words: &[Word<'_>]) -> Cover {
        let mut spans: Vec<(Span, usize)> =
            words.iter().enumerate().map(|(index, word)| (word.span, index)).collect();
        spans.sort_unstable();
        let longest = spans.iter().map(|(span, _)| span.len()).max().unwrap_or(0);
        Cover { spans, longest }
    }

    /// The index of a word that holds all of `span` and more.
    fn of_longer(&self, span: Span) -> Option<usize> {
        let from = self.spans.partition_point(|(held, _)| held.start + self.longest < span.end);
        let near = self.spans[from..].iter().take_while(|(held, _)| held.start <= span.start);
        near.into_iter()
            .find(|(held, _)| held.contains(span) && held.len() > span.len())
            .map(|(_, index)| *index)
    }
}

/// Every word of a marking rule with its part, spellings included that mean the same.
pub(super) fn words(marking: &Marking) -> Vec<(String, Role)> {
    let mut words = Vec::new();
    for (list, role) in [
        (&marking.terms, Role::Term),
        (&marking.weak, Role::Weak),
        (&marking.open, Role::Open),
        (&marking.released, Role::Released),
        (&marking.topics, Role::Topic),
        (&marking.allow, Role::Allow),
        (&marking.labels, Role::Label),
        (&marking.titles, Role::Title),
    ] {
        for word in list {
            words.push((word.clone(), role));
            // In file names and labels hyphens stand for spaces.
            let is_latin = word.is_ascii() && !word.contains(['-', ':', '/']);
            if is_latin && word.contains(' ') && role != Role::Title {
                words.push((word.replace(' ', "-"), role));
            }
        }
    }
    let spaced: Vec<(String, Role)> =
        marking.terms.iter().flat_map(|term| spaced(term)).map(|word| (word, Role::Spaced)).collect();
    words.extend(spaced);
    words
}

/// A term with its letters set apart: `C O N F I D E N T I A L`, 机 密. Long terms are not written so.
fn spaced(term: &str) -> Vec<String> {
    let letters: Vec<String> = term.chars().filter(|c| *c != ' ').map(String::from).collect();
    let is_han = |letter: &String| letter.chars().all(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let is_latin = |letter: &String| letter.bytes().all(|byte| byte.is_ascii_alphabetic());
    let separators: &[&str] = if letters.iter().all(is_han) && (2..=4).contains(&letters.len()) {
        &[" ", "·"]
    } else if letters.iter().all(is_latin) && (6..=24).contains(&letters.len()) {
        match term.matches(' ').count() {
            0 => &[" ", "-", "."],
            1 => &[" "],
            _ => &[],
        }
    } else {
        &[]
    };
    separators.iter().map(|separator| letters.join(separator)).collect()
}

impl Stand {
    /// How markings stand in a segment of this kind; `None`: it holds none.
    fn of(kind: extract::Kind) -> Option<Stand> {
        match kind {
            extract::Kind::Subject => Some(Stand::Title),
            extract::Kind::FileName => Some(Stand::Name),
            extract::Kind::Label => Some(Stand::Value),
            extract::Kind::Names | extract::Kind::Links => None,
            extract::Kind::Plain
            | extract::Kind::Html
            | extract::Kind::Attached
            | extract::Kind::AttachedHidden
            | extract::Kind::Marked
            | extract::Kind::Property
            | extract::Kind::Hidden => Some(Stand::Line),
        }
    }
}
