//! Values in pieces: runs of letters and digits, and what stands for digits, with no more than a few signs between them.
//!
//! A chain of such atoms is read as one value from each atom on: with its letters as they stand, and with those that look like digits read as digits. Runs are
//! atoms where they hold a digit; single letters and short groups of letters belong to what they stand beside (`E 1234 5678`, `RSS MRA 85T10`).

use crate::{normalize::numeral, span::Span};

/// A run of letters and digits, or a numeral.
struct Atom {
    span: Span,
    /// Where it ends in the letters of its chain.
    end: usize,
    is_word: bool,
}

/// Atoms that follow each other closely.
pub(in crate::detect::entity) struct Chain {
    /// Letters and digits, numerals read as digits.
    plain: String,
    /// The same with look-alikes beside a digit read as digits, and with those between digits only; as many of them as differ.
    corrected: Vec<String>,
    atoms: Vec<Atom>,
    has_numerals: bool,
}

/// No value is longer, in letters and digits.
pub(super) const LONGEST: usize = 40;
/// A chain of fewer is no value that is looked for.
const SHORTEST: usize = 8;
/// Atoms of one chain; a longer one is a table of numbers, and goes on as the next.
const MOST_ATOMS: usize = 64;
/// Signs between two atoms.
const MOST_SIGNS: usize = 5;
/// A longer run of letters without a digit belongs to no value.
const LONGEST_WORD: usize = 6;
/// Such words in a row within a chain.
const MOST_WORDS: usize = 3;
/// So many letters and digits in a row are a value already.
const LONG_RUN: usize = 12;
/// Characters of a line that are looked at.
const LONGEST_LINE: usize = 200;
/// Runs of letters before the first digit of a chain.
const MOST_LETTERS: usize = 9;

/// Calls `found` with every chain that begins in `window` of a folded text and cannot be read as it stands.
pub(in crate::detect::entity) fn chains(folded: &str, window: Span, mut found: impl FnMut(&Chain)) {
    let mut at = window.start;
    let mut chain =
        Chain { plain: String::new(), corrected: Vec::new(), atoms: Vec::new(), has_numerals: false };
    while let Some(start) = next_atom(folded, at).filter(|start| *start < window.end) {
        chain.plain.clear();
        chain.atoms.clear();
        chain.has_numerals = false;
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
        if chain.plain.len() < SHORTEST {
            continue;
        }
        chain.correct();
        if chain.atoms.len() > 1 || chain.has_numerals || !chain.corrected.is_empty() {
            found(&chain);
        }
    }
}

/// Where the next atom can start: at a run of letters and digits with a digit, or at a numeral; or at letters that stand closely before it.
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
            let is_numeral = matches!(byte, 0xe3..=0xe9)
                && folded[here..].chars().next().is_some_and(|c| numeral(c).is_some());
            if byte.is_ascii_digit() || is_numeral {
                let before = bytes[from..here].iter().rev().take_while(|byte| byte.is_ascii_alphanumeric());
                return Some(letters_before(folded, from, here - before.count()));
            }
        }
        at += BLOCK;
    }
    None
}

/// Where the first of a few short runs of letters begins that stand closely before `start`: `D E 8 9 3 7`.
fn letters_before(folded: &str, from: usize, start: usize) -> usize {
    let (mut start, mut words) = (start, 0);
    for _ in 0..MOST_LETTERS {
        let before = &folded[from..start];
        let signs = before.chars().rev().take(MOST_SIGNS + 1).take_while(|c| is_sign(*c));
        let (signs, len) = signs.fold((0, 0), |(signs, len), c| (signs + 1, len + c.len_utf8()));
        let rest = &before.as_bytes()[..before.len() - len];
        let letters =
            rest.iter().rev().take(LONGEST_WORD + 1).take_while(|b| b.is_ascii_alphanumeric()).count();
        words += usize::from(letters > 1);
        if !(1..=MOST_SIGNS).contains(&signs) || !(1..=LONGEST_WORD).contains(&letters) || words > MOST_WORDS
        {
            break;
        }
        start -= len + letters;
    }
    start
}

/// Where the next atom starts behind a few signs, if one does.
fn separated(folded: &str, end: usize) -> Option<usize> {
    let mut signs = 0;
    for (at, c) in folded[end..].char_indices() {
        if c.is_ascii_alphanumeric() || numeral(c).is_some() {
            return Some(end + at);
        }
        signs += 1;
        if !is_sign(c) || signs > MOST_SIGNS {
            return None;
        }
    }
    None
}

/// Whether a character may stand between the pieces of a value.
fn is_sign(c: char) -> bool {
    match c {
        // What belongs to addresses and amounts.
        '@' | '$' | '%' => false,
        ' ' | '\t' | '\n' | '·' | '•' | '、' | '，' | '。' | '【' | '】' | '「' | '」' | '『' | '』' => {
            true
        }
        c => c.is_ascii_punctuation(),
    }
}

impl Chain {
    /// Adds the atom that starts at `start`; its end, or nothing where it is no atom.
    fn push(&mut self, folded: &str, start: usize) -> Option<usize> {
        let rest = &folded[start..];
        let first = rest.chars().next()?;
        if let Some(digit) = numeral(first) {
            self.plain.push(digit);
            self.has_numerals = true;
            return Some(self.end_atom(Span::new(start, start + first.len_utf8()), false));
        }
        let run = &rest[..rest.bytes().take(LONGEST + 1).take_while(u8::is_ascii_alphanumeric).count()];
        let is_word = run.len() > 1 && !run.bytes().any(|byte| byte.is_ascii_digit());
        let words = self.atoms.iter().rev().take_while(|atom| atom.is_word).count();
        // Words that lead up to the first digit were counted there.
        let has_digits = self.plain.bytes().any(|byte| byte.is_ascii_digit());
        if run.len() > LONGEST || is_word && (run.len() > LONGEST_WORD || words >= MOST_WORDS && has_digits) {
            return None;
        }
        self.plain.push_str(run);
        Some(self.end_atom(Span::new(start, start + run.len()), is_word))
    }

    fn end_atom(&mut self, span: Span, is_word: bool) -> usize {
        self.atoms.push(Atom { span, end: self.plain.len(), is_word });
        span.end
    }

    /// Reads letters that look like digits as those.
    fn correct(&mut self) {
        self.corrected.clear();
        if !self.plain.contains(LOOK_ALIKES) {
            return;
        }
        let read = |is_enough: fn(bool, bool) -> bool| {
            let mut digits = self.plain.clone().into_bytes();
            for at in 0..digits.len() {
                let Some(digit) = digit_like(digits[at]) else { continue };
                let before = at.checked_sub(1).is_some_and(|at| digits[at].is_ascii_digit());
                let mut behind = digits[at..].iter().skip_while(|byte| digit_like(**byte).is_some());
                if is_enough(before, behind.next().is_some_and(u8::is_ascii_digit)) {
                    digits[at] = digit;
                }
            }
            String::from_utf8(digits).unwrap_or_default()
        };
        for reading in [read(|before, behind| before || behind), read(|before, behind| before && behind)] {
            if reading != self.plain && !self.corrected.contains(&reading) {
                self.corrected.push(reading);
            }
        }
    }

    /// The chain from each atom on, as far as a value can go; each reading with the number of its atom.
    pub(in crate::detect::entity) fn readings(&self) -> impl Iterator<Item = (usize, &str)> {
        let texts = std::iter::once(&self.plain).filter(|_| self.atoms.len() > 1 || self.has_numerals);
        texts.chain(&self.corrected).flat_map(move |text| {
            (0..self.atoms.len()).map(move |first| {
                let start = self.start_of(first);
                (first, &text[start..text.len().min(start + LONGEST)])
            })
        })
    }

    fn start_of(&self, atom: usize) -> usize {
        atom.checked_sub(1).map_or(0, |before| self.atoms[before].end)
    }

    /// The atoms that hold `len` letters and digits from atom `first` on, where those end with an atom.
    pub(in crate::detect::entity) fn piece(&self, first: usize, len: usize) -> Option<Piece<'_>> {
        let end = self.start_of(first) + len;
        let count = self.atoms[first..].iter().position(|atom| atom.end >= end)?;
        let last = first + count;
        (self.atoms[last].end == end).then_some(Piece { chain: self, first, last })
    }
}

/// Whether an atom behind a gap begins a line that goes on with words.
fn begins_prose(folded: &str, atom: &Atom, gap: &str) -> bool {
    let line = || folded[atom.span.start..].split('\n').next().unwrap_or_default();
    gap.contains('\n')
        && line().chars().take(LONGEST_LINE).filter(|c| c.is_alphabetic()).count() > LONGEST_WORD
}

/// Letters that look like digits, lower case.
const LOOK_ALIKES: [char; 3] = ['o', 'l', 'i'];

fn digit_like(letter: u8) -> Option<u8> {
    match letter {
        b'o' => Some(b'0'),
        b'l' | b'i' => Some(b'1'),
        _ => None,
    }
}

/// Atoms of a chain that may be a value.
pub(in crate::detect::entity) struct Piece<'c> {
    chain: &'c Chain,
    first: usize,
    last: usize,
}

impl Piece<'_> {
    /// Where it stands.
    pub(in crate::detect::entity) fn span(&self) -> Span {
        Span::new(self.chain.atoms[self.first].span.start, self.chain.atoms[self.last].span.end)
    }

    /// Whether nothing that could belong to the value stands beside it, and it is no date, amount or list of numbers.
    pub(in crate::detect::entity) fn is_whole(&self, folded: &str) -> bool {
        // A sign that ends lines, cells or clauses sets a neighbour apart where it does not stand within.
        let ends = |c: char| {
            matches!(c, '\n' | '\t' | ',' | ';' | '|' | '(' | ')' | '，' | '、' | '。')
                && !self.gaps(folded).any(|gap| gap.contains(c))
        };
        let is_apart = |(atom, gap): (&Atom, &str)| gap.contains(ends) || begins_prose(folded, atom, gap);
        self.neighbours(folded).all(is_apart) && !self.is_date(folded) && !self.is_list(folded)
    }

    /// Whether more of the same stands beside it, with the same signs between.
    pub(in crate::detect::entity) fn goes_on(&self, folded: &str) -> bool {
        let is_joined = |(atom, sign): (&Atom, &str)| {
            self.gaps(folded).any(|gap| gap == sign) && !begins_prose(folded, atom, sign)
        };
        self.neighbours(folded).any(is_joined)
    }

    /// Whether it is a number as long as a value and the beginning of the next line, which goes on with words.
    pub(in crate::detect::entity) fn runs_on(&self, folded: &str) -> bool {
        let [.., head, tail] = self.atoms() else { return false };
        let gap = &folded[head.span.end..tail.span.start];
        head.span.len() >= LONG_RUN && begins_prose(folded, tail, gap)
    }

    /// The atoms beside it that are no words, each with what stands between.
    fn neighbours<'f>(&self, folded: &'f str) -> impl Iterator<Item = (&Atom, &'f str)> {
        let atoms = &self.chain.atoms;
        let before = self.first.checked_sub(1).map(|before| (before, before));
        let pairs = before.into_iter().chain(std::iter::once((self.last + 1, self.last)));
        let with_gap = move |(atom, last): (usize, usize)| {
            let atom = atoms.get(atom)?;
            Some((atom, &folded[atoms[last].span.end..atoms[last + 1].span.start]))
        };
        pairs.filter_map(with_gap).filter(|(atom, _)| !atom.is_word)
    }

    /// What stands between its atoms.
    fn gaps<'f>(&self, folded: &'f str) -> impl Iterator<Item = &'f str> {
        self.atoms().windows(2).map(|pair| &folded[pair[0].span.end..pair[1].span.start])
    }

    /// Whether the atoms are spread evenly: all as long as the first, with the same signs between. Other numbers are grouped otherwise.
    pub(in crate::detect::entity) fn is_even(&self, folded: &str) -> bool {
        let mut gaps = self.gaps(folded);
        let sign = gaps.next();
        let len = self.chain.atoms[self.first].span.len();
        gaps.all(|gap| Some(gap) == sign)
            && self.chain.atoms[self.first..self.last].iter().all(|atom| atom.span.len() == len)
    }

    /// Whether it is written as an amount or a list of numbers is: 1,705.12 or 6105，2026.
    fn is_list(&self, folded: &str) -> bool {
        let is_long =
            (self.first..=self.last).any(|atom| self.chain.atoms[atom].end - self.chain.start_of(atom) > 2);
        let lists = |gap: &str| gap.contains([',', '，', '、', ';', '。']);
        let is_number = |atom: &Atom| atom.span.of_str(folded).bytes().all(|byte| byte.is_ascii_digit());
        is_long && self.gaps(folded).any(lists)
            || matches!(self.atoms(), [a, b] if is_number(a) && is_number(b)) && self.gaps(folded).eq(["."])
    }

    /// Whether it begins as a date does: 2026-11-24, 24.11.2026 09:30.
    fn is_date(&self, folded: &str) -> bool {
        let number = |atom: &Atom| atom.span.of_str(folded).parse::<u16>().ok();
        let [a, b, c, ..] = self.atoms() else { return false };
        let (Some(a), Some(b), Some(c)) = (number(a), number(b), number(c)) else { return false };
        let is_year = |number: u16| (1900..2100).contains(&number);
        let is_day = |number: u16| (1..=31).contains(&number);
        is_day(b)
            && (is_year(a) && is_day(c) || is_day(a) && is_year(c))
            && (a.min(b) <= 12 || b.min(c) <= 12)
    }

    fn atoms(&self) -> &[Atom] {
        &self.chain.atoms[self.first..=self.last]
    }
}
