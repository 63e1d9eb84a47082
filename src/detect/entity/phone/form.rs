//! How a telephone number is written: its groups, the signs around it, its extension, the word that it is labelled by.

use super::{Reading, Site, checksum, is_filler};
use crate::span::Span;

/// A number as it is written.
pub(super) struct Written<'t> {
    /// Its digits, without a trunk zero in brackets and without extension.
    pub(super) digits: String,
    /// Lengths of its groups.
    pub(super) groups: Vec<usize>,
    /// `+` stands before it.
    pub(super) is_international: bool,
    /// Brackets stand around one of its groups.
    pub(super) is_bracketed: bool,
    /// With the signs before it and its extension.
    pub(super) span: Span,
    /// From its first digit on, without extension.
    value: &'t str,
    /// Digits of its extension.
    extension: String,
}

/// Reads a number with the signs before it; nothing where brackets do not close.
pub(super) fn written<'t>(site: &Site<'t>) -> Option<Written<'t>> {
    let folded = &site.text.folded;
    let before = &folded[..site.span.start];
    let outside = before.strip_suffix('(').unwrap_or(before);
    // The rest of a number whose area in brackets was refused.
    let area = outside.trim_end_matches([' ', '-']).strip_suffix(')');
    if area.is_some_and(|area| area.ends_with(|c: char| c.is_ascii_digit())) {
        return None;
    }
    let is_part = |c: char| matches!(c, '0'..='9' | ' ' | '.' | '-' | '/' | '(' | ')');
    let len = site.value.find(|c| !is_part(c)).unwrap_or(site.value.len());
    let (value, extension) = site.value.split_at(len);
    let value = value.trim_end_matches([' ', '.']);
    let (opened, closed) = (value.matches('(').count(), value.matches(')').count());
    let open_before = closed.checked_sub(opened).filter(|open| *open <= 1)?;
    // `(+358) 64`, `+(358) 64`, `(030) 64`; but a `(` that closes behind the number is none of its own.
    let (is_international, signs) = match () {
        () if open_before == 1 && before.ends_with("(+") => (true, 2),
        () if open_before == 1 && before.ends_with("+(") => (true, 2),
        () if open_before == 1 && before.ends_with('(') => (false, 1),
        () if open_before == 1 => return None,
        () => (before.ends_with('+'), usize::from(before.ends_with('+'))),
    };
    let national = value.replace("(0)", " ");
    let groups: Vec<&str> =
        national.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    Some(Written {
        digits: groups.concat(),
        groups: groups.iter().map(|group| group.len()).collect(),
        is_international,
        is_bracketed: open_before == 1 || national.contains('('),
        span: Span::new(site.span.start - signs, site.span.end),
        value,
        extension: extension.chars().filter(char::is_ascii_digit).collect(),
    })
}

impl Written<'_> {
    /// The digits behind a country code, and whether one stands there.
    pub(super) fn national(&self, code: &str, trunk: &str) -> (&str, bool) {
        let digits = self.digits.as_str();
        if self.is_international || (digits.starts_with("00") && self.groups[0] > 1) {
            let behind = digits.strip_prefix("00").unwrap_or(digits).strip_prefix(code);
            return (behind.unwrap_or(""), true);
        }
        if self.groups.first() == Some(&code.len())
            && code.len() > 1
            && let Some(behind) = digits.strip_prefix(code)
            && behind.len() >= 8
        {
            return (behind, true);
        }
        (digits.strip_prefix(trunk).unwrap_or(""), false)
    }

    /// A number whose country is known.
    pub(super) fn reading(&self, code: &str, national: &str, bits: f64) -> Option<Reading> {
        // Examples count up; with a country code even they are dialled.
        (self.is_international || !is_filler(national)).then(|| Reading {
            canonical: self.with_extension(format!("+{code}{national}")),
            bits,
            span: self.span,
        })
    }

    /// A number with its extension (RFC 3966 5.3): behind one number of a firm are many people.
    pub(super) fn with_extension(&self, number: String) -> String {
        if self.extension.is_empty() { number } else { number + ";ext=" + &self.extension }
    }

    /// Whether it stands directly behind other digits that are set apart as its own groups are: the rest of a longer number.
    pub(super) fn is_tail(&self, folded: &str) -> bool {
        let own = self.value.chars().find(|c| !c.is_ascii_digit());
        let mut before = folded[..self.span.start].chars().rev();
        let sign = before.next().filter(|sign| matches!(sign, ' ' | '-' | '.'));
        let is_alike = sign.is_some_and(|sign| sign == ' ' || Some(sign) == own);
        is_alike && before.next().is_some_and(|c| c.is_ascii_digit())
    }

    /// Whether digits stand in groups as phone numbers do, and not as dates, amounts or other numbers do; digits in one run must be labelled.
    pub(super) fn is_grouped(&self, is_labelled: bool) -> bool {
        let (digits, value) = (self.digits.as_str(), self.value);
        let of = |from, to| checksum::number_at(digits, from, to).unwrap_or(0);
        let year = |from: usize| (1900..=2099).contains(&of(from, from + 4));
        let is_mixed = value.contains('.') && value.contains(' ');
        let is_led = digits.starts_with('0') || self.is_bracketed;
        if is_mixed || !(7..=13).contains(&digits.len()) {
            return false;
        }
        if value.contains('/') && !digits.starts_with('0') && !self.has_area_before_slash() {
            return false;
        }
        match self.groups.as_slice() {
            [_] if self.is_international => digits.len() >= 9,
            [_] if is_labelled => digits.len() >= 8 && !is_date(digits),
            _ if digits.starts_with('0') && digits.len() < 9 => false,
            [_] => digits.starts_with('0') && digits.len() >= 9 && !digits.starts_with("000"),
            [1 | 2, 1 | 2, 4] => !year(digits.len() - 4),
            [4, 2, 2] => !year(0),
            // ZIP+4, and spans of years.
            [5, 4] => digits.starts_with('0') && !value.contains('-'),
            // Spans of years, spans of amounts.
            [4, 4] => !(year(0) && year(4) || digits[2..4] == *"00" && digits.ends_with("00")),
            // Local numbers begin with neither 0 nor 1 where they have this form.
            [3, 4] if digits.starts_with('1') => false,
            // An IP address.
            [_, _, _, _] if value.contains('.') => false,
            [2..=5, 4..=8] => !value.contains('.'),
            [2..=5, 9] => self.is_bracketed,
            // The last is a social security number.
            [_, _] | [] | [3, 2, 4] => false,
            // `10 20 30 40 50`: a list.
            groups if groups.len() >= 4 && !digits.starts_with('0') && is_series(value) => false,
            [first, middle @ .., last] => {
                let fits = |len: &usize| (2..=4).contains(len) || *len == 5 && is_led;
                (1..=5).contains(first)
                    && self.groups.len() <= 5
                    && middle.iter().all(fits)
                    && fits(last)
                    && !(*first == 4 && year(0) && of(4, 6) <= 12)
                    && !(self.groups.iter().skip(1).all(|len| *len == 3) && value.contains('.') && !is_led)
            }
        }
    }

    /// `64/640-6462`: one slash, behind the area, and no date.
    fn has_area_before_slash(&self) -> bool {
        let area = self.value.split_once('/').map(|(area, _)| area.trim_end_matches(')'));
        let is_area = area.is_some_and(|area| area.bytes().all(|byte| byte.is_ascii_digit()));
        is_area && self.value.matches('/').count() == 1 && matches!(self.groups.as_slice(), [1..=3, 3, _, ..])
    }
}

/// Eight digits that are year, month and day, or day, month and year.
fn is_date(digits: &str) -> bool {
    let of = |from, to| checksum::number_at(digits, from, to).unwrap_or(0);
    let is = |year: (usize, usize), month: (usize, usize), day: (usize, usize)| {
        (1900..=2099).contains(&of(year.0, year.1))
            && (1..=12).contains(&of(month.0, month.1))
            && (1..=31).contains(&of(day.0, day.1))
    };
    digits.len() == 8
        && (is((0, 4), (4, 6), (6, 8)) || is((4, 8), (2, 4), (0, 2)) || is((4, 8), (0, 2), (2, 4)))
}

/// Whether the groups of a number are numbers in even steps, or many that rise or fall all the way.
fn is_series(value: &str) -> bool {
    let numbers: Vec<i32> =
        value.split(|c: char| !c.is_ascii_digit()).filter_map(|group| group.parse().ok()).collect();
    let steps: Vec<i32> = numbers.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let is_one_way = || steps.iter().all(|step| *step > 0) || steps.iter().all(|step| *step < 0);
    steps.windows(2).all(|pair| pair[0] == pair[1]) || (steps.len() >= 4 && is_one_way())
}

/// Words that make any grouped digits directly beside them a phone number, and nothing further off.
const NAMES: &[&str] = &["office", "desk", "home", "work", "direct"];

/// Words that make even a plain run of digits directly beside them look like a phone number.
const LABELS: &[&str] = &[
    "phone",
    "telephone",
    "tel",
    "fax",
    "mobile",
    "mob",
    "cell",
    "cellphone",
    "whatsapp",
    "dial",
    "call",
    "telefon",
    "telefono",
    "teléfono",
    "téléphone",
    "telefone",
    "telefoon",
    "telemóvel",
    "móvil",
    "movil",
    "celular",
    "cellulare",
    "portable",
    "handy",
    "gsm",
    "mobil",
    "puhelin",
    "телефон",
    "тел",
    "τηλέφωνο",
    "电话",
    "手机",
    "传真",
    "致电",
    "拨打",
    "電話",
    "手機",
    "傳真",
    "전화",
    "휴대폰",
    "โทร",
];

/// Small words between a label and its number.
const BETWEEN: &[&str] = &["number", "no", "nr", "is", "at", "on", "me", "号码", "号"];

/// Whether one of the names stands directly before or behind.
pub(super) fn is_named(folded: &str, span: Span) -> bool {
    let before = folded[..span.start].trim_end_matches(SIGNS);
    stands_behind(folded, span, NAMES)
        || ends_with(before, NAMES).is_some() && folded[before.len()..span.start].contains([':', '.'])
}

/// Whether a label stands directly before or behind.
pub(super) fn is_labelled(folded: &str, span: Span) -> bool {
    let signs = |c: char| SIGNS.contains(&c) || matches!(c, ',' | '#' | '+' | '：');
    let mut before = folded[..span.start].trim_end_matches(signs);
    while let Some(rest) = ends_with(before, BETWEEN) {
        before = rest.trim_end_matches(signs);
    }
    ends_with(before, LABELS).is_some() || stands_behind(folded, span, LABELS)
}

/// Signs between a word and a number.
const SIGNS: &[char] = &[' ', ':', '.', '-', '(', ')', '\n'];

/// What stands before one of `words` at the end of a text.
fn ends_with<'t>(text: &'t str, words: &[&str]) -> Option<&'t str> {
    let rests = words.iter().filter_map(|word| text.strip_suffix(word).zip(word.chars().next()));
    let mut whole = rests.filter(|(rest, first)| {
        let goes_on = rest.chars().next_back().is_some_and(char::is_alphanumeric);
        !goes_on || is_unspaced(*first)
    });
    whole.next().map(|(rest, _)| rest)
}

/// Whether one of `words` stands directly behind.
fn stands_behind(folded: &str, span: Span, words: &[&str]) -> bool {
    let behind = folded[span.end..].trim_start_matches([' ', '-', '(']);
    let is_word = |rest: &str| !rest.chars().next().is_some_and(char::is_alphanumeric);
    folded[span.end..].len() - behind.len() <= 3
        && words.iter().any(|word| behind.strip_prefix(word).is_some_and(is_word))
}

/// Words of scripts without spaces stand anywhere.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}
