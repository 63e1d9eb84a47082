//! Entities: kinds of values with structure. Each is one `const` with its pattern, its check and its mask, and one line in the registry.
//!
//! One lazy automaton over the patterns of all entities runs from each place where a value can start (a run of letters and digits that holds a digit), so text
//! without digits costs nothing. Patterns are ASCII over folded text; neighbours are checked by hand, because `\b` takes Chinese for letters.

mod address;
mod card;
mod checksum;
mod china;
mod disguise;
mod iban;
mod secret;
mod us;

pub(crate) use secret::TOKENS;

use std::{collections::HashSet, fmt};

use regex_automata::{
    Anchored, Input, MatchKind,
    hybrid::dfa::{Cache, DFA, OverlappingState},
    nfa::thompson,
    util::{pool::Pool, syntax},
};

use super::{
    Evasion,
    lexicon::{Hit, Lexicon},
};
use crate::{
    error::PolicyError,
    extract,
    normalize::{Text, fold_term},
    policy::{Kind, Policy},
    span::Span,
};

/// A kind of value.
pub struct Entity {
    /// Its name in packs.
    pub name: &'static str,
    /// How its values are met.
    pub trigger: Trigger,
    /// Checks a possible value and says what format and checksum are worth.
    examine: fn(&Site<'_>) -> Option<Reading>,
    /// How much of a value may be shown.
    mask: Mask,
    /// What it is, how it is checked, what is mistaken for it, where it is defined.
    pub about: &'static str,
}

/// How values of an entity are met.
pub enum Trigger {
    /// By patterns over folded text, anchored where a run of letters and digits starts.
    Pattern(&'static [&'static str]),
    /// By fixed characters, lower case, anywhere.
    Literal(fn() -> Vec<String>),
    /// By the keywords and hints of its rule, anywhere.
    Words,
    /// By an `@` in it.
    At,
}

/// How much of a value may be shown: its first and last letters or digits.
#[derive(Clone, Copy)]
struct Mask {
    head: usize,
    tail: usize,
}

/// A place where a value may stand.
struct Site<'t> {
    text: &'t Text<'t>,
    /// What the trigger found, in folded text.
    span: Span,
    /// The folded text of that; for a value in disguise, what it stands for.
    value: &'t str,
    /// This year, if known.
    year: Option<u16>,
}

impl Site<'_> {
    /// The value read as a number: separators alike and single, and `check` says what its digits are worth.
    fn number(&self, check: fn(&str) -> Option<f64>) -> Option<Reading> {
        let digits = digits_of(self.value)?.to_ascii_uppercase();
        if is_filler(&digits) {
            return None;
        }
        let bits = check(&digits)?;
        Some(Reading { canonical: digits, bits, span: self.span })
    }
}

/// A value that passed its check.
struct Reading {
    /// The value in canonical form.
    canonical: String,
    /// What format and checksum are worth, in decimal digits of odds against chance.
    bits: f64,
    /// The bytes of folded text that it takes.
    span: Span,
}

/// Every entity. A new one is a `const` in a file of this folder and a line here.
pub const ENTITIES: &[&Entity] = &[
    // China
    &china::RESIDENT_ID,
    &china::MOBILE,
    // Banks
    &card::BANK_CARD,
    &iban::IBAN,
    // Americas
    &us::SSN,
    // Western Europe
    // Northern and eastern Europe
    // Asia
    // Oceania and Africa
    // Addresses of people and machines
    &address::EMAIL_ADDRESS,
    // Secrets
    &secret::PRIVATE_KEY,
    &secret::ACCESS_KEY,
    &secret::SERVICE_TOKEN,
    &secret::SIGNED_TOKEN,
    &secret::CONNECTION_STRING,
    &secret::PASSWORD,
    &secret::ATTACHMENT_PASSWORD,
    &secret::WEBHOOK_URL,
    &secret::GENERIC_ASSIGNMENT,
    // Public numbers
];

/// A value that was found, before it is weighed.
#[derive(Clone)]
pub(super) struct Candidate {
    pub(super) rule: usize,
    pub(super) text: usize,
    pub(super) span: Span,
    pub(super) canonical: String,
    pub(super) masked: String,
    pub(super) bits: f64,
    /// How it is disguised, where that is known already.
    pub(super) evasion: Option<Evasion>,
    /// Whether only the disguise made it a value.
    pub(super) is_disguised: bool,
}

/// The entities that a policy looks for, compiled.
pub(super) struct Entities {
    /// (rule, entity)
    active: Vec<(usize, &'static Entity)>,
    automaton: DFA,
    /// Index into `active` of each pattern.
    patterns: Vec<usize>,
    caches: Pool<
        Cache,
        Box<dyn Fn() -> Cache + Send + Sync + std::panic::UnwindSafe + std::panic::RefUnwindSafe>,
    >,
    year: Option<u16>,
}

impl fmt::Debug for Entities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.active.iter().map(|(_, entity)| entity.name)).finish()
    }
}

/// No value met by a pattern is longer, bytes of folded text.
const LONGEST: usize = 80;

impl Entities {
    /// Compiles the entities of a policy's rules.
    pub(super) fn compile(policy: &Policy) -> Result<Entities, PolicyError> {
        let mut active = Vec::new();
        for (index, rule) in policy.rules.iter().enumerate() {
            if let Kind::Entity { entity, .. } = &rule.kind {
                let known = ENTITIES
                    .iter()
                    .find(|known| known.name == entity)
                    .ok_or_else(|| rule.unknown("entity", entity, ENTITIES.iter().map(|known| known.name)))?;
                active.push((index, *known));
            }
        }
        let mut sources = Vec::new();
        let mut patterns = Vec::new();
        for (index, (_, entity)) in active.iter().enumerate() {
            if let Trigger::Pattern(list) = entity.trigger {
                sources.extend_from_slice(list);
                patterns.resize(sources.len(), index);
            }
        }
        let automaton = DFA::builder()
            .configure(DFA::config().match_kind(MatchKind::All).skip_cache_capacity_check(true))
            .syntax(syntax::Config::new().unicode(false).utf8(false))
            .thompson(thompson::Config::new().utf8(false))
            .build_many(&sources)
            .expect("the patterns of the registry are tested to compile");
        let for_caches = automaton.clone();
        let caches: Pool<
            Cache,
            Box<dyn Fn() -> Cache + Send + Sync + std::panic::UnwindSafe + std::panic::RefUnwindSafe>,
        > = Pool::new(Box::new(move || for_caches.create_cache()));
        Ok(Entities { active, automaton, patterns, caches, year: policy.year })
    }

    /// The fixed characters by which values of a rule's entity are met; `words` are the keywords and hints of the rule.
    pub(super) fn anchors(&self, rule: usize, words: &[&String]) -> Vec<String> {
        match self.active.iter().find(|(of, _)| *of == rule).map(|(_, entity)| &entity.trigger) {
            Some(Trigger::Literal(literals)) => literals(),
            Some(Trigger::Words) => words.iter().map(|word| fold_term(word)).collect(),
            _ => Vec::new(),
        }
    }

    /// Finds every candidate in a text.
    pub(super) fn scan(
        &self,
        index: usize,
        text: &Text<'_>,
        hits: &[Hit],
        lexicon: &Lexicon,
        candidates: &mut Vec<Candidate>,
    ) {
        let folded = &text.folded;
        let mut sink = Sink { text, index, year: self.year, least: f64::MIN, candidates };
        for (span, rule) in lexicon.anchors(hits) {
            if let Some(active) = self.active.iter().find(|(of, _)| *of == rule) {
                sink.examine(*active, span, span.of_str(folded), None);
            }
        }
        if text.zoned.segment.kind == extract::Kind::Links {
            // Numbers in link targets are no findings; keys are, and were found above.
            return;
        }
        self.at_signs(folded, &mut sink);
        if self.patterns.is_empty() {
            return;
        }
        let mut cache = self.caches.get();
        let mut ends: Vec<(usize, usize)> = Vec::new();
        let mut starts = Starts::new(folded);
        while let Some((start, end)) = starts.next() {
            self.longest(&mut cache, folded, start, &mut ends, |active, end| {
                let span = Span::new(start, end);
                stands_alone(folded, span) && sink.examine(active, span, span.of_str(folded), None)
            });
            if end - start >= SHORTEST_ENCODED {
                self.encoded(&mut cache, Span::new(start, end), &mut sink);
            }
        }
        let known: HashSet<(usize, Span)> = sink
            .candidates
            .iter()
            .rev()
            .take_while(|one| one.text == index)
            .map(|one| (one.rule, one.span))
            .collect();
        disguise::chains(folded, |chain| {
            for (first, digits) in chain.readings() {
                self.longest(&mut cache, digits, 0, &mut ends, |active, len| {
                    let Some(span) = chain.span(first, len) else { return false };
                    let evasion = chain.evasion(folded, span);
                    let is_spread =
                        matches!(evasion, Evasion::Separators | Evasion::Cells | Evasion::LineBreaks);
                    sink.least = if is_spread && !chain.is_even(folded, span) { FIRM } else { f64::MIN };
                    !known.contains(&(active.0, span))
                        && stands_alone(folded, span)
                        && sink.examine(active, span, &digits[..len], Some(evasion))
                });
            }
        });
    }

    /// Finds a number that begins at the end of the subject and ends at the start of the text.
    pub(super) fn scan_across(&self, texts: &[Text<'_>], candidates: &mut Vec<Candidate>) {
        let of =
            |kind: &[extract::Kind]| texts.iter().position(|text| kind.contains(&text.zoned.segment.kind));
        let (Some(subject), Some(body)) =
            (of(&[extract::Kind::Subject]), of(&[extract::Kind::Plain, extract::Kind::Html]))
        else {
            return;
        };
        let Some((digits, span)) = disguise::across(&texts[subject].folded, &texts[body].folded) else {
            return;
        };
        let mut sink =
            Sink { text: &texts[subject], index: subject, year: self.year, least: f64::MIN, candidates };
        self.longest(&mut self.caches.get(), &digits, 0, &mut Vec::new(), |active, len| {
            len == digits.len() && sink.examine(active, span, &digits, Some(Evasion::SubjectAndText))
        });
    }

    /// Finds values in what a run of letters and digits decodes to.
    fn encoded(&self, cache: &mut Cache, run: Span, sink: &mut Sink<'_, '_>) {
        let Some((plain, span)) = disguise::decoded(sink.text, run) else { return };
        let mut starts = Starts::new(&plain);
        while let Some((start, _)) = starts.next() {
            self.longest(cache, &plain, start, &mut Vec::new(), |active, end| {
                let value = Span::new(start, end);
                stands_alone(&plain, value)
                    && sink.examine(active, span, value.of_str(&plain), Some(Evasion::Encoded))
            });
        }
    }

    /// Calls `holds` with the readings that start at `start`, for each entity the longest first, until one holds.
    fn longest(
        &self,
        cache: &mut Cache,
        folded: &str,
        start: usize,
        ends: &mut Vec<(usize, usize)>,
        mut holds: impl FnMut((usize, &'static Entity), usize) -> bool,
    ) {
        ends.clear();
        self.ends(cache, folded, start, ends);
        ends.sort_unstable_by_key(|(active, end)| (*active, std::cmp::Reverse(*end)));
        let mut done = None;
        for &(active, end) in ends.iter() {
            if done != Some(active) && holds(self.active[active], end) {
                done = Some(active);
            }
        }
    }

    /// Where patterns that start at `start` end.
    fn ends(&self, cache: &mut Cache, folded: &str, start: usize, ends: &mut Vec<(usize, usize)>) {
        let input = Input::new(folded).span(start..folded.len().min(start + LONGEST)).anchored(Anchored::Yes);
        let mut state = OverlappingState::start();
        // An error would mean that the cache is too small for one state; the text then has no candidate here.
        while self.automaton.try_search_overlapping_fwd(cache, &input, &mut state).is_ok() {
            let Some(found) = state.get_match() else { break };
            ends.push((self.patterns[found.pattern().as_usize()], found.offset()));
        }
    }

    /// Examines every `@`.
    fn at_signs(&self, folded: &str, sink: &mut Sink<'_, '_>) {
        for active in self.active.iter().filter(|(_, entity)| matches!(entity.trigger, Trigger::At)) {
            for at in memchr::memchr_iter(b'@', folded.as_bytes()) {
                sink.examine(*active, Span::new(at, at + 1), "@", None);
            }
        }
    }
}

/// A run of fewer letters and digits encodes nothing that is looked for.
const SHORTEST_ENCODED: usize = 16;

/// Where the candidates of a text go.
struct Sink<'s, 't> {
    text: &'s Text<'t>,
    index: usize,
    year: Option<u16>,
    /// What format and checksum must be worth.
    least: f64,
    candidates: &'s mut Vec<Candidate>,
}

/// Format and checksum of a number that cannot be another one grouped otherwise.
const FIRM: f64 = 2.0;

impl Sink<'_, '_> {
    /// Checks a possible value, and keeps it if it passes.
    fn examine(
        &mut self,
        (rule, entity): (usize, &'static Entity),
        span: Span,
        value: &str,
        evasion: Option<Evasion>,
    ) -> bool {
        let site = Site { text: self.text, span, value, year: self.year };
        let Some(reading) = (entity.examine)(&site).filter(|reading| reading.bits >= self.least) else {
            return false;
        };
        let masked = entity.mask.apply(self.text.original(reading.span));
        let (canonical, bits, span) = (reading.canonical, reading.bits, reading.span);
        let is_disguised = evasion.is_some();
        let text = self.index;
        self.candidates.push(Candidate { rule, text, span, canonical, masked, bits, evasion, is_disguised });
        true
    }
}

/// Characters of a masked value that are shown at most.
const LONGEST_SHOWN: usize = 72;

impl Mask {
    /// The value as it may be shown: letters and digits between head and tail are stars, separators stay.
    fn apply(self, value: &str) -> String {
        let is_part = |c: char| c.is_alphanumeric();
        // Of what is longer than a line the beginning is enough.
        let (value, tail) = match value.char_indices().nth(LONGEST_SHOWN) {
            Some((end, _)) => (&value[..end], 0),
            None => (value, self.tail),
        };
        let count = value.chars().filter(|c| is_part(*c)).count();
        // Short values show nothing.
        let (head, tail) = if count > self.head + tail { (self.head, tail) } else { (0, 0) };
        let mut index = 0;
        value
            .chars()
            .filter(|c| !c.is_control())
            .map(|c| {
                if !is_part(c) {
                    return c;
                }
                index += 1;
                if index <= head || index > count - tail { c } else { '*' }
            })
            .collect()
    }
}

/// Finds the runs of ASCII letters and digits that hold a digit, and a few letters set apart before them: `AB 12 34 56 C`.
struct Starts<'t> {
    bytes: &'t [u8],
    at: usize,
    /// The run whose letters before it came first.
    pending: Option<(usize, usize)>,
}

impl<'t> Starts<'t> {
    fn new(text: &'t str) -> Starts<'t> {
        Starts { bytes: text.as_bytes(), at: 0, pending: None }
    }

    /// Where a value may start, and where the run that it starts with ends.
    fn next(&mut self) -> Option<(usize, usize)> {
        if let Some(run) = self.pending.take() {
            return Some(run);
        }
        let digit = self.next_digit()?;
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let before = self.bytes[..digit].iter().rev().take(LONGEST).take_while(|byte| is_part(byte)).count();
        let behind = self.bytes[digit..].iter().take_while(|byte| is_part(byte)).count();
        self.at = digit + behind;
        let (start, end) = (digit - before, digit + behind);
        let Some(letters) = self.letters_before(start) else { return Some((start, end)) };
        self.pending = Some((start, end));
        Some((letters, end))
    }

    /// Where up to three letters start that stand one space, hyphen or `<` before a run.
    fn letters_before(&self, start: usize) -> Option<usize> {
        let (sign, before) = self.bytes[..start].split_last()?;
        if !matches!(sign, b' ' | b'-' | b'.') {
            return None;
        }
        let letters = before.iter().rev().take(4).take_while(|byte| byte.is_ascii_alphabetic()).count();
        let at = before.len() - letters;
        let is_word = before[..at].last().is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
        ((1..=3).contains(&letters) && is_word).then_some(at)
    }

    /// The next digit at or behind `at`; blocks without one are skipped whole.
    fn next_digit(&self) -> Option<usize> {
        const BLOCK: usize = 64;
        let mut at = self.at;
        while at < self.bytes.len() {
            let block = &self.bytes[at..self.bytes.len().min(at + BLOCK)];
            if block.iter().fold(false, |found, byte| found | byte.is_ascii_digit()) {
                return block.iter().position(u8::is_ascii_digit).map(|index| at + index);
            }
            at += BLOCK;
        }
        None
    }
}

/// Whether a value stands by itself: not part of a longer number, name, address or link.
fn stands_alone(folded: &str, span: Span) -> bool {
    let bytes = folded.as_bytes();
    let before = bytes[..span.start].last().copied().unwrap_or(b' ');
    let before_that = bytes[..span.start.saturating_sub(1)].last().copied().unwrap_or(b' ');
    let behind = bytes.get(span.end).copied().unwrap_or(b' ');
    let behind_that = bytes.get(span.end + 1).copied().unwrap_or(b' ');
    let part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if part(before) || part(behind) || matches!(behind, b'@' | b'%') || matches!(before, b'@' | b'%') {
        return false;
    }
    // The tail of 8-4-4-4-12, of a version, of a path; the head of the same. A word before it is a label: `Tel.138...`, `ID-1101...`.
    if matches!(before, b'-' | b'.' | b'/' | b'+') && before_that.is_ascii_alphanumeric() {
        let word =
            bytes[..span.start - 1].iter().rev().take(12).take_while(|byte| byte.is_ascii_alphanumeric());
        if before_that.is_ascii_digit()
            || word.clone().any(u8::is_ascii_digit)
            || word.count() == 4 && before == b'-'
        {
            return false;
        }
    }
    if matches!(behind, b'-' | b'.' | b'/' | b'+') && behind_that.is_ascii_digit() {
        return false;
    }
    !in_locator(bytes, span)
}

/// Whether the unbroken run of ASCII around a span is a link, a path with a query, or a Message-ID.
fn in_locator(bytes: &[u8], span: Span) -> bool {
    let in_run =
        |byte: &&u8| !matches!(**byte, b' ' | b'\t' | b'\n' | b'"' | b'<' | b'>' | b'(' | b')' | 0x80..);
    let start = span.start - bytes[..span.start].iter().rev().take(400).take_while(in_run).count();
    let run = &bytes[start..span.start];
    if run.is_empty() {
        return false;
    }
    let behind = bytes[span.end..].iter().take(200).take_while(in_run).count();
    memchr::memmem::find(run, b"://").is_some()
        || run.starts_with(b"www.")
        || run.starts_with(b"mailto:")
        || run.starts_with(b"cid:")
        || (run.contains(&b'?') && run.contains(&b'='))
        || bytes[span.end..span.end + behind].contains(&b'@')
}

/// The digits of a value whose separators are all alike; `None` where they are mixed or doubled.
fn digits_of(value: &str) -> Option<String> {
    let mut separator = None;
    let mut digits = String::with_capacity(value.len());
    let mut last_was_digit = false;
    for c in value.chars() {
        if c.is_ascii_alphanumeric() {
            digits.push(c);
            last_was_digit = true;
        } else {
            if !last_was_digit || *separator.get_or_insert(c) != c {
                return None;
            }
            last_was_digit = false;
        }
    }
    Some(digits)
}

/// A number that people write to have a number: one digit over and over, or counting up or down.
fn is_filler(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    let step = |by: u8| {
        bytes
            .windows(2)
            .all(|pair| (pair[1].wrapping_sub(b'0')) % 10 == (pair[0].wrapping_sub(b'0') + by) % 10)
    };
    step(0) || step(1) || step(9)
}

#[cfg(test)]
mod tests;
