//! Digits in disguise: spread by separators, cells and line ends, look-alike letters or Chinese numerals among them, encoded once more.
//!
//! A chain of atoms (runs of digits and what stands for digits) with no more than a few signs between them is read as one number from each atom on. What is found
//! so is a candidate in disguise, which is believed only where a keyword names it.

use crate::{
    detect::{Evasion, lexicon::starts_word},
    message::plain_base64,
    normalize::{Text, numeral},
    span::Span,
};

/// A run of digits, or of what stands for digits.
pub(super) struct Atom {
    span: Span,
    /// Where it ends in the digits of its chain.
    end: usize,
}

/// Atoms that follow each other closely, read as digits.
pub(super) struct Chain {
    digits: String,
    atoms: Vec<Atom>,
    /// Letters and numerals that were read as digits.
    has_stand_ins: bool,
}

/// No number is longer, in digits.
const LONGEST: usize = 40;
/// A chain of fewer digits is no number that is looked for.
const SHORTEST: usize = 9;
/// Atoms of one chain; a longer one is a table of numbers, and goes on as the next.
const MOST_ATOMS: usize = 64;

/// Calls `found` with every chain that begins in `window` of a folded text and cannot be read as it stands.
pub(super) fn chains(folded: &str, window: Span, mut found: impl FnMut(&Chain)) {
    let mut at = window.start;
    let mut chain = Chain { digits: String::new(), atoms: Vec::new(), has_stand_ins: false };
    while let Some(start) = next_atom(folded, at).filter(|start| *start < window.end) {
        chain.digits.clear();
        chain.atoms.clear();
        chain.has_stand_ins = false;
        let mut next = Some(start);
        at = start + 1;
        while let Some(start) = next
            && chain.atoms.len() < MOST_ATOMS
        {
            let Some(end) = chain.push(folded, start) else { break };
            at = end;
            next = separated(folded, end);
        }
        at = crate::span::ceil_boundary(folded, at);
        if chain.digits.len() >= SHORTEST && (chain.atoms.len() > 1 || chain.has_stand_ins) {
            found(&chain);
        }
    }
}

/// Where the next atom can start: at a run of letters and digits with a digit, or at a numeral.
fn next_atom(folded: &str, from: usize) -> Option<usize> {
    let bytes = folded.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        const BLOCK: usize = 64;
        let block = &bytes[at..bytes.len().min(at + BLOCK)];
        // Numerals begin with E3 to E9.
        let may_start = |byte: &u8| byte.is_ascii_digit() || matches!(*byte, 0xe3..=0xe9);
        if !block.iter().fold(false, |any, byte| any | may_start(byte)) {
            at += BLOCK;
            continue;
        }
        for (index, byte) in block.iter().enumerate() {
            let here = at + index;
            if byte.is_ascii_digit() {
                let before = bytes[from..here].iter().rev().take_while(|byte| byte.is_ascii_alphanumeric());
                return Some(letters_before(bytes, from, here - before.count()));
            }
            if matches!(byte, 0xe3..=0xe9)
                && folded[here..].chars().next().is_some_and(|c| numeral(c).is_some())
            {
                return Some(here);
            }
        }
        at += BLOCK;
    }
    None
}

/// Where up to four single letters begin that stand set apart before `start`: `D E 8 9 3 7`.
fn letters_before(bytes: &[u8], from: usize, start: usize) -> usize {
    let mut start = start;
    for _ in 0..4 {
        let [.., before, letter, sign] = &bytes[from..start] else { break };
        let is_single = letter.is_ascii_lowercase() && !before.is_ascii_alphanumeric() && before.is_ascii();
        if !is_single || !matches!(sign, b' ' | b'-' | b'.' | b'/' | b'*' | b'_' | b'\t' | b'\n') {
            break;
        }
        start -= 2;
    }
    start
}

/// Where the next atom starts behind a few separators, if one does.
fn separated(folded: &str, end: usize) -> Option<usize> {
    let mut signs = 0;
    for (at, c) in folded[end..].char_indices() {
        if c.is_ascii_alphanumeric() || numeral(c).is_some() {
            return Some(end + at);
        }
        let separates = matches!(
            c,
            ' ' | '-'
                | '.'
                | '/'
                | '\\'
                | '_'
                | '*'
                | ','
                | '|'
                | '~'
                | '+'
                | '\t'
                | '\n'
                | '·'
                | '•'
                | '、'
                | '，'
                | '。'
        );
        signs += 1;
        if !separates || signs > 3 {
            return None;
        }
    }
    None
}

impl Chain {
    /// Adds the atom that starts at `start`; its end, or nothing where it is no atom.
    fn push(&mut self, folded: &str, start: usize) -> Option<usize> {
        let rest = &folded[start..];
        let first = rest.chars().next()?;
        if let Some(digit) = numeral(first) {
            self.digits.push(digit);
            self.has_stand_ins = true;
            return Some(self.end_atom(start, start + first.len_utf8()));
        }
        let run = &rest[..rest.bytes().take_while(u8::is_ascii_alphanumeric).count()];
        let digits = run.bytes().filter(u8::is_ascii_digit).count();
        // A letter among digits stands for a digit, one by itself for itself; a word does not.
        let is_single = run.len() == 1;
        if run.len() > LONGEST || (3 * digits < run.len() && !is_single) {
            return None;
        }
        let from = self.digits.len();
        for (index, byte) in run.bytes().enumerate() {
            let is_last = index + 1 == run.len();
            self.digits.push(match byte {
                b'0'..=b'9' => char::from(byte),
                b'o' if from > 0 || !is_single => '0',
                b'l' | b'i' if from > 0 || !is_single => '1',
                b'x' if is_last => 'x',
                letter if is_single => char::from(letter),
                _ => {
                    self.digits.truncate(from);
                    return None;
                }
            });
            if matches!(byte, b'o' | b'l' | b'i') {
                self.has_stand_ins = true;
            }
        }
        Some(self.end_atom(start, start + run.len()))
    }

    fn end_atom(&mut self, start: usize, end: usize) -> usize {
        self.atoms.push(Atom { span: Span::new(start, end), end: self.digits.len() });
        end
    }

    /// The digits from each atom on, as far as a number can go.
    pub(super) fn readings(&self) -> impl Iterator<Item = (usize, &str)> {
        (0..self.atoms.len()).map(|first| {
            let start = self.start_of(first);
            (first, &self.digits[start..self.digits.len().min(start + LONGEST)])
        })
    }

    fn start_of(&self, atom: usize) -> usize {
        atom.checked_sub(1).map_or(0, |before| self.atoms[before].end)
    }

    /// The span of `len` digits from atom `first` on, where they end with an atom.
    pub(super) fn span(&self, first: usize, len: usize) -> Option<Span> {
        let end = self.start_of(first) + len;
        let last = self.atoms.iter().find(|atom| atom.end == end)?;
        Some(Span::new(self.atoms[first].span.start, last.span.end))
    }

    /// Whether the atoms within `span` are spread evenly: all as long as the first, with the same signs between. Other numbers are grouped otherwise.
    pub(super) fn is_even(&self, folded: &str, span: Span) -> bool {
        let within: Vec<Span> =
            self.atoms.iter().map(|atom| atom.span).filter(|atom| span.contains(*atom)).collect();
        let gap = |pair: &[Span]| &folded[pair[0].end..pair[1].start];
        let Some((first, pair)) = within.first().zip(within.windows(2).next()) else { return true };
        let sign = gap(pair);
        within.windows(2).all(|pair| gap(pair) == sign)
            && within[..within.len() - 1].iter().all(|atom| atom.len() == first.len())
    }
}

/// How the value at `span` is disguised.
pub(super) fn evasion(folded: &str, span: Span) -> Evasion {
    let value = span.of_str(folded);
    let is_letter = |c: char| matches!(c, 'o' | 'l' | 'i');
    match () {
        () if value.chars().any(|c| numeral(c).is_some()) => Evasion::ChineseNumerals,
        () if value.contains(is_letter) => Evasion::LookAlikes,
        () if value.contains('\t') => Evasion::Cells,
        () if value.contains('\n') => Evasion::LineBreaks,
        () => Evasion::Separators,
    }
}

/// A run of fewer letters and digits encodes nothing that is looked for.
const SHORTEST_RUN: usize = 14;

/// What a run of letters and digits decodes to, folded, and where it stands: base64 of readable text, or bytes behind per cent signs.
pub(super) fn decoded(text: &Text<'_>, run: Span) -> Option<(String, Span)> {
    let folded = text.folded.as_bytes();
    let follows_sign = folded[..run.start].ends_with(b"%");
    // The first of a series of `%31%32...`, or a run as long as base64 of a number.
    let is_first = follows_sign && folded[..run.start - 1].iter().rev().nth(2) != Some(&b'%');
    let (bytes, run) = if is_first {
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'%';
        let len = folded[run.start..].iter().take(LONGEST_RUN).take_while(is_part).count();
        let run = Span::new(run.start - 1, run.start + len);
        (percent(run.of_str(&text.folded))?, run)
    } else if run.len() >= SHORTEST_RUN && !follows_sign {
        // Case matters.
        let original = text.original_span(run);
        let segment = &text.zoned.segment.text;
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'+' | b'/' | b'=');
        let before = segment.as_bytes()[..original.start].iter().rev().take(LONGEST_RUN).take_while(is_part);
        let start = original.start - before.count();
        let len = segment.as_bytes()[start..].iter().take(LONGEST_RUN).take_while(is_part).count();
        (base64(segment.get(start..start + len)?)?, run)
    } else {
        return None;
    };
    let plain = String::from_utf8(bytes).ok()?;
    let readable = plain.chars().filter(|c| !c.is_control()).count();
    let has_number = plain.chars().filter(char::is_ascii_digit).count() >= SHORTEST;
    (has_number && readable * 100 >= plain.chars().count() * 85)
        .then(|| (crate::normalize::folded(&plain).into_owned(), run))
}

/// Runs of encoded text are looked at so far, bytes.
const LONGEST_RUN: usize = 4 << 10;

fn percent(value: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(value.len());
    let mut pieces = value.split('%');
    out.extend_from_slice(pieces.next()?.as_bytes());
    let mut encoded = 0;
    for piece in pieces {
        let byte = piece.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok())?;
        out.push(byte);
        out.extend_from_slice(&piece.as_bytes()[2..]);
        encoded += 1;
    }
    (encoded >= 3).then_some(out)
}

pub(super) fn base64(value: &str) -> Option<Vec<u8>> {
    let value = value.trim_end_matches('=');
    let has = |class: fn(&u8) -> bool| value.as_bytes().iter().any(class);
    if !has(u8::is_ascii_uppercase) || !has(u8::is_ascii_lowercase) || value.len() % 4 == 1 {
        return None;
    }
    plain_base64(value.as_bytes())
}

/// The digits at the end of the subject and those at the start of the text: a number that was cut in two.
pub(super) fn across(subject: &str, text: &str) -> Option<(String, Span)> {
    let is_digit = |byte: &u8| byte.is_ascii_digit();
    let trimmed = subject.trim_end();
    let head = trimmed.bytes().rev().take(LONGEST).take_while(is_digit).count();
    let body = text.trim_start();
    let tail = body.bytes().take(LONGEST).take_while(|byte| byte.is_ascii_digit() || *byte == b'x').count();
    let span = Span::new(trimmed.len() - head, trimmed.len());
    let is_run = starts_word(subject, span.start) && crate::detect::lexicon::ends_word(body, tail);
    (head >= 4 && tail >= 3 && is_run).then(|| (format!("{}{}", span.of_str(subject), &body[..tail]), span))
}
