//! Where values can start: at runs of ASCII letters and digits that hold a digit. Text without digits costs next to nothing.

/// No value met by a pattern is longer, bytes of folded text.
pub(super) const LONGEST: usize = 80;

/// No value met by a pattern is shorter, with its separators, where only ASCII stands around it: `8.8.8.8`.
const SHORTEST: usize = 7;

/// No word within a value (a month) is longer.
const LONGEST_WORD: usize = 10;

/// Finds the runs of ASCII letters and digits that hold a digit, and a few letters set apart before them: `AB 12 34 56 C`.
pub(super) struct Runs<'t> {
    bytes: &'t [u8],
    at: usize,
    /// The run whose letters before it came first.
    pending: Option<(usize, usize)>,
}

impl<'t> Runs<'t> {
    pub(super) fn new(text: &'t str) -> Runs<'t> {
        Runs { bytes: text.as_bytes(), at: 0, pending: None }
    }

    /// Where a value may start, and where the run that it starts with ends.
    pub(super) fn next(&mut self) -> Option<(usize, usize)> {
        if let Some(run) = self.pending.take() {
            return Some(run);
        }
        let (letters, start, end) = self.next_long()?;
        let Some(letters) = letters else { return Some((start, end)) };
        self.pending = Some((start, end));
        Some((letters, end))
    }

    /// The next run that is long enough for a value, with what goes on behind it and where letters before it begin.
    fn next_long(&mut self) -> Option<(Option<usize>, usize, usize)> {
        loop {
            let (start, end) = self.next_run()?;
            let letters = self.letters_before(start);
            if self.is_long(letters.unwrap_or(start), end) {
                return Some((letters, start, end));
            }
        }
    }

    /// Whether a run, and the runs with digits that follow it closely, are as long as a value; or stand in other than ASCII text, where a word may belong to a value
    /// (3号, 京A12345).
    fn is_long(&self, start: usize, end: usize) -> bool {
        if end - start >= SHORTEST || !self.bytes[start.saturating_sub(4)..start].is_ascii() {
            return true;
        }
        let mut at = end;
        let mut words = 0;
        loop {
            let rest = &self.bytes[at..self.bytes.len().min(at + LONGEST)];
            let signs = rest.iter().take(3).take_while(|byte| {
                matches!(
                    byte,
                    b' ' | b',' | b'-' | b'.' | b'/' | b'(' | b')' | b'+' | b':' | b'*' | b'<' | b'~' | b'%'
                )
            });
            let signs = signs.count();
            let run = &rest[signs..];
            let run = &run[..run.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count()];
            at += signs + run.len();
            // 3号, 7. März 1990
            if self.bytes.get(at).is_some_and(|byte| !byte.is_ascii()) {
                return true;
            }
            if signs == 0 || run.is_empty() {
                return false;
            }
            // Words may stand between: 7 de marzo de 1990.
            match run.iter().any(u8::is_ascii_digit) {
                true if at - start >= SHORTEST => return true,
                true => {}
                false if words == 3 || run.len() > LONGEST_WORD => return false,
                false => words += 1,
            }
        }
    }

    /// The next run of letters and digits with a digit.
    fn next_run(&mut self) -> Option<(usize, usize)> {
        let digit = self.next_digit()?;
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let before = self.bytes[..digit].iter().rev().take(LONGEST).take_while(|byte| is_part(byte)).count();
        let behind = self.bytes[digit..].iter().take_while(|byte| is_part(byte)).count();
        self.at = digit + behind;
        Some((digit - before, digit + behind))
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

    /// The next digit at or behind `at`, eight bytes at a time.
    fn next_digit(&self) -> Option<usize> {
        let (words, rest) = self.bytes[self.at..].as_chunks();
        let first = words.iter().enumerate().find_map(|(index, word)| {
            let found = digits_of(u64::from_le_bytes(*word));
            (found != 0).then(|| 8 * index + found.trailing_zeros() as usize / 8)
        });
        let in_rest = || rest.iter().position(u8::is_ascii_digit).map(|at| 8 * words.len() + at);
        first.or_else(in_rest).map(|at| self.at + at)
    }
}

/// Sets the highest bit of the first byte that is a digit, perhaps of some behind it; none where there is none.
fn digits_of(word: u64) -> u64 {
    const EACH: u64 = u64::MAX / 0xff;
    // Digits become 0 to 9; a byte below 10 borrows when 10 is taken off.
    let word = word ^ (EACH * 0x30);
    word.wrapping_sub(EACH * 10) & !word & (EACH * 0x80)
}
