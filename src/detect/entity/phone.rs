//! Telephone numbers: international ones by country calling code, and those of North America, the United Kingdom, Hong Kong, Macau and Taiwan as they are
//! written there. Mobile numbers of mainland China are in `china`.
//!
//! No number has a check digit. What it is worth comes from `+` and the country code, from the way it is grouped, and from the words around it.

use std::sync::LazyLock;

use super::{Entity, Mask, Reading, Site, Trigger, checksum, is_filler};
use crate::span::Span;

/// Any telephone number.
pub(super) const PHONE: Entity = Entity {
    name: "phone-number",
    trigger: Trigger::Pattern(&[r"[0-9](?:\)?[ ./-]?\(?[0-9]){6,14}(?: ?(?:x|ext\.? ?)[0-9]{1,5})?"]),
    examine: phone,
    mask: Mask { head: 3, tail: 2 },
    about: "`+`, a country calling code and as many digits as numbers of that country have; or, beside a word such as `phone`, 7 to 11 digits grouped as numbers are, or from a 0. \
        Mistaken for it: dates, amounts, order numbers. Reference: ITU-T E.164, libphonenumber 9.0.",
};

/// Phone number of North America.
pub(super) const US_PHONE: Entity = Entity {
    name: "us-phone",
    trigger: Trigger::Pattern(&[
        r"(?:(?:00)?1[ .-]?\(?)?[2-9][0-9]{2}\)?[ .-]{0,2}[2-9][0-9]{2}[ .-]?[0-9]{4}(?: ?(?:x|ext\.? ?)[0-9]{1,5})?",
    ]),
    examine: us_phone,
    mask: Mask { head: 3, tail: 2 },
    about: "Ten digits, 3-3-4, area and exchange from 2 to 9 and not N11; with or without 1. Grouped it is weak evidence, with +1 firm. Mistaken for it: order numbers. Reference: North \
        American Numbering Plan.",
};

/// Phone number of the United Kingdom.
pub(super) const UK_PHONE: Entity = Entity {
    name: "uk-phone",
    trigger: Trigger::Pattern(&[
        r"(?:(?:00)?44[ -]?(?:\(0\)[ -]?)?|0)(?:1[0-9]|2[03489]|3[037]|7[0-9]|8[047]|9[01])[0-9]{0,3}\)?(?:[ -]?[0-9]){5,8}",
    ]),
    examine: uk_phone,
    mask: Mask { head: 4, tail: 2 },
    about: "0 or +44 and nine or ten digits, from 1, 2 and 3 (places), 7 (mobiles), 8 or 9. Grouped it is weak evidence, with +44 firm. Mistaken for it: order numbers, numbers of other \
        countries that begin with 0. Reference: Ofcom, national telephone numbering plan.",
};

/// Phone number of Hong Kong.
pub(super) const HK_PHONE: Entity = Entity {
    name: "hk-phone",
    trigger: Trigger::Pattern(&[r"(?:(?:00)?852[ -]?)?[2-9][0-9]{3}[ -]?[0-9]{4}"]),
    examine: |site| local(site, "852", 0.1, |national| national.len() == 8),
    mask: Mask { head: 2, tail: 2 },
    about: "Eight digits from 2 to 9, 4-4; with 852 before them or not. Eight digits are nearly everywhere, so it counts only with the country code or a word. Mistaken for it: dates, \
        order numbers. Reference: OFCA, numbering plan.",
};

/// Phone number of Macau.
pub(super) const MO_PHONE: Entity = Entity {
    name: "mo-phone",
    trigger: Trigger::Pattern(&[r"(?:(?:00)?853[ -]?)?(?:28|6[0-9]|8[1-9])[0-9]{2}[ -]?[0-9]{4}"]),
    examine: |site| local(site, "853", 0.15, |national| national.len() == 8),
    mask: Mask { head: 2, tail: 2 },
    about: "Eight digits from 28, 6 or 8, 4-4; with 853 before them or not. Numbers of Hong Kong have the same form, so without the code a word for Macau tells. Reference: CTT, numbering \
        plan.",
};

/// Phone number of Taiwan.
pub(super) const TW_PHONE: Entity = Entity {
    name: "tw-phone",
    trigger: Trigger::Pattern(&[
        r"(?:(?:00)?886[ -]?(?:\(0\)[ -]?)?|0)9[0-9]{2}[ -]?[0-9]{3}[ -]?[0-9]{3}",
        r"(?:(?:00)?886[ -]?(?:\(0\)[ -]?)?|0)[2-8][0-9]{0,2}\)?[ -]?[0-9]{3,4}[ -]?[0-9]{4}",
    ]),
    examine: tw_phone,
    mask: Mask { head: 4, tail: 2 },
    about: "Mobile 09xx-xxx-xxx, or 0, an area of one to three digits and seven or eight digits; with 886 instead of the 0. Mistaken for it: order numbers, numbers of other countries that \
        begin with 0. Reference: NCC, numbering plan.",
};

/// A number as it is written.
struct Written {
    /// Its digits, without a trunk zero in brackets and without extension.
    digits: String,
    /// Lengths of its groups.
    groups: Vec<usize>,
    /// `+` stands before it.
    is_international: bool,
    /// Brackets stand around its first group.
    is_bracketed: bool,
    /// With the signs before it.
    span: Span,
}

/// Reads a number with the signs before it; nothing where brackets do not close.
fn written(site: &Site<'_>) -> Option<Written> {
    let folded = &site.text.folded;
    let before = &folded[..site.span.start];
    let outside = before.strip_suffix('(').unwrap_or(before);
    // The rest of a number whose area in brackets was refused.
    let area = outside.trim_end_matches([' ', '-']).strip_suffix(')');
    if area.is_some_and(|area| area.ends_with(|c: char| c.is_ascii_digit())) {
        return None;
    }
    let is_bracketed = outside.len() < before.len() && site.value.contains(')');
    let is_international = outside.ends_with('+');
    // Digits only: what follows `x` is an extension.
    let value = site.value.split(['x', 'e']).next()?.trim_end();
    let (opened, closed) = (value.matches('(').count(), value.matches(')').count());
    if opened + usize::from(is_bracketed) != closed {
        return None;
    }
    let value = value.replace("(0)", " ");
    let groups: Vec<&str> =
        value.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let start = outside.len() - usize::from(is_international);
    let start = if is_bracketed || is_international { start } else { site.span.start };
    Some(Written {
        digits: groups.concat(),
        groups: groups.iter().map(|group| group.len()).collect(),
        is_international,
        is_bracketed,
        span: Span::new(start, site.span.end),
    })
}

impl Written {
    /// The digits behind a country code, and whether one stands there.
    fn national(&self, code: &str, trunk: &str) -> (&str, bool) {
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

    fn reading(&self, code: &str, national: &str, bits: f64) -> Option<Reading> {
        // Examples count up; with a country code even they are dialled.
        (self.is_international || !is_filler(national)).then(|| Reading {
            canonical: format!("+{code}{national}"),
            bits,
            span: self.span,
        })
    }
}

/// Country calling codes: code, fewest and most digits behind it.
static CALLING_CODES: LazyLock<Vec<(&'static str, usize, usize)>> = LazyLock::new(|| {
    include_str!("../../../policies/data/calling-codes.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut fields = line.split('\t');
            Some((fields.next()?, fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        })
        .collect()
});

fn phone(site: &Site<'_>) -> Option<Reading> {
    let bytes = site.value.as_bytes();
    // Most runs of digits are neither: no sign before them, and none within.
    let is_signed = matches!(site.text.folded[..site.span.start].bytes().next_back(), Some(b'+' | b'('));
    if !is_signed && bytes[0] != b'0' && bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = written(site)?;
    let digits = number.digits.as_str();
    // `0.01` begins with a 0 and another one, and not with 00.
    let behind_00 = site.value.strip_prefix("00").and(digits.strip_prefix("00"));
    if let Some(dialled) = behind_00.or_else(|| number.is_international.then_some(digits)) {
        let (code, ..) = CALLING_CODES.iter().find(|(code, least, most)| {
            dialled.strip_prefix(code).is_some_and(|rest| (*least..=*most).contains(&rest.len()))
        })?;
        let national = &dialled[code.len()..];
        // `+1000 8/11/02` is a time zone and a date.
        if site.value.contains('/') || (*code == "1" && national.starts_with(['0', '1'])) {
            return None;
        }
        // A mobile number of China is an entity of its own.
        if *code == "86" && national.len() == 11 && national.starts_with('1') {
            return None;
        }
        let bits = if number.is_international { 1.5 } else { 0.3 };
        return number.reading(code, national, bits);
    }
    if !is_grouped(&number, site.value) || is_filler(digits) {
        return None;
    }
    let bits = match () {
        () if is_named(&site.text.folded, number.span) => 1.6,
        () if number.is_bracketed => -0.2,
        () if digits.starts_with('0') && number.groups.len() > 1 => -0.3,
        () => -0.6,
    };
    Some(Reading { canonical: number.digits, bits, span: number.span })
}

/// Whether digits stand in groups as phone numbers do, and not as dates, amounts or other numbers do.
fn is_grouped(number: &Written, value: &str) -> bool {
    let digits = number.digits.as_str();
    let of = |from, to| checksum::number_at(digits, from, to).unwrap_or(0);
    let year = |from: usize| (1900..=2099).contains(&of(from, from + 4));
    let is_mixed = value.contains('.') && value.contains(' ');
    if is_mixed || value.contains('/') && !digits.starts_with('0') || !(7..=12).contains(&digits.len()) {
        return false;
    }
    match number.groups.as_slice() {
        _ if digits.starts_with('0') && digits.len() < 9 => false,
        [_] => digits.starts_with('0') && digits.len() >= 9 && !digits.starts_with("000"),
        [1 | 2, 1 | 2, 4] => !year(digits.len() - 4),
        [4, 2, 2] => !year(0),
        // ZIP+4, and spans of years.
        [5, 4] => digits.starts_with('0') && !value.contains('-'),
        // Spans of years, spans of amounts.
        [4, 4] => !(year(0) && year(4) || digits[2..4] == *"00" && digits.ends_with("00")),
        // Of North America, and checked there; a social security number.
        [3, 3, 4] => digits.starts_with('0'),
        // Local numbers begin with neither 0 nor 1 where they have this form.
        [3, 4] if digits.starts_with('1') => false,
        // An IP address.
        [_, _, _, _] if value.contains('.') => false,
        [2..=5, 4..=8] => !value.contains('.'),
        // The last is a social security number.
        [_, _] | [] | [3, 2, 4] => false,
        // `10 20 30 40 50`: a list.
        groups if groups.len() >= 4 && !digits.starts_with('0') && is_series(value) => false,
        [first, middle @ .., last] => {
            let fits = |len: &usize| (2..=4).contains(len);
            (1..=5).contains(first)
                && number.groups.len() <= 5
                && middle.iter().all(fits)
                && fits(last)
                && !(*first == 4 && year(0) && of(4, 6) <= 12)
                && !(number.groups.iter().skip(1).all(|len| *len == 3) && value.contains('.'))
        }
    }
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

/// Whether one of the names stands directly before or behind.
fn is_named(folded: &str, span: Span) -> bool {
    let signs = |c: char| matches!(c, ' ' | ':' | '.' | '-' | '(' | ')' | '\n');
    let before = folded[..span.start].trim_end_matches(signs);
    let behind = folded[span.end..].trim_start_matches([' ', '-', '(']);
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let names_before =
        |name: &&&str| before.strip_suffix(**name).is_some_and(|rest| !is_word(rest.chars().next_back()));
    let names_behind =
        |name: &&&str| behind.strip_prefix(**name).is_some_and(|rest| !is_word(rest.chars().next()));
    folded[span.end..].len() - behind.len() <= 3 && NAMES.iter().find(names_behind).is_some()
        || NAMES
            .iter()
            .find(names_before)
            .is_some_and(|_| folded[before.len()..span.start].contains([':', '.']))
}

fn us_phone(site: &Site<'_>) -> Option<Reading> {
    let number = written(site)?;
    let (national, is_international) = number.national("1", "");
    // Eleven digits in one run are many other things.
    let is_plain = number.groups.len() == 1 && !is_international;
    let national = if national.len() == 11 && !is_plain { national.strip_prefix('1')? } else { national };
    let is_service = |from: usize| national.get(from + 1..from + 3) == Some("11");
    let bytes = national.as_bytes();
    if bytes.len() != 10
        || !(b'2'..=b'9').contains(&bytes[0])
        || !(b'2'..=b'9').contains(&bytes[3])
        || is_service(0)
        || is_service(3)
        || bytes[1] == b'9'
    {
        return None;
    }
    let bits = match number.groups.len() {
        _ if is_international => 1.7,
        1 => -0.5,
        _ => 0.9,
    };
    number.reading("1", national, bits)
}

fn uk_phone(site: &Site<'_>) -> Option<Reading> {
    let number = written(site)?;
    let (national, is_international) = number.national("44", "0");
    if !(9..=10).contains(&national.len()) || (national.len() == 9 && !national.starts_with('1')) {
        return None;
    }
    let is_written = matches!(
        number.groups.as_slice(),
        [5, 5 | 6] | [5 | 4, 3, 3] | [3, 4, 4] | [4, 3, 4] | [4, 6 | 7] | [3, 8] | [6, 4 | 5]
    );
    let bits = match number.groups.len() {
        _ if is_international => 1.7,
        1 if national.starts_with('7') => 0.2,
        1 => -0.4,
        _ if is_written => 0.9,
        _ => return None,
    };
    number.reading("44", national, bits)
}

/// A number without trunk prefix that is told by its code, or weakly by its groups.
fn local(site: &Site<'_>, code: &str, grouped: f64, fits: fn(&str) -> bool) -> Option<Reading> {
    let number = written(site)?;
    let (national, is_international) = number.national(code, "");
    let is_date = number.groups == [8]
        && checksum::number_at(national, 4, 6).is_some_and(|month| (1..=12).contains(&month))
        && national.starts_with("20");
    if !fits(national) || (is_date && !is_international) {
        return None;
    }
    let bits = match number.groups.len() {
        _ if is_international => 1.7,
        // Mobiles; landlines are written so in half of China.
        1 if national.starts_with(['5', '6', '9']) => -0.5,
        1 => -0.9,
        _ => grouped,
    };
    number.reading(code, national, bits)
}

fn tw_phone(site: &Site<'_>) -> Option<Reading> {
    let number = written(site)?;
    let (national, is_international) = number.national("886", "0");
    let is_mobile = national.len() == 9 && national.starts_with('9');
    let is_fixed = (8..=9).contains(&national.len()) && !national.starts_with('9');
    let is_written = matches!(
        number.groups.as_slice(),
        [3 | 4, 3, 3] | [4, 3 | 6] | [2, 3 | 4, 4] | [2, 7 | 8] | [3, 3, 4] | [3, 7]
    );
    let bits = match number.groups.len() {
        _ if is_international => 1.7,
        1 if is_mobile => 0.2,
        1 => -0.5,
        _ if !is_written => return None,
        _ if is_mobile => 0.9,
        _ => 0.3,
    };
    if !is_mobile && !is_fixed {
        return None;
    }
    number.reading("886", national, bits)
}
