//! Payment cards of all schemes.

use std::sync::LazyLock;

use super::{Entity, Mask, Reading, Site, Trigger, checksum, digits_of, is_filler};

/// Card number (ISO/IEC 7812).
pub(super) const BANK_CARD: Entity = Entity {
    name: "bank-card",
    trigger: Trigger::Pattern(&[r"[0-9]{4}(?:[ -]?[0-9]){8,15}"]),
    examine: bank_card,
    mask: Mask { head: 6, tail: 4 },
    about: "12 to 19 digits, plain or in the groups that cards are printed in, with a Luhn check digit and the first digits of a scheme: UnionPay, Visa, Mastercard, Amex, Discover, \
        Diners Club, JCB, Mir, RuPay, Maestro and others (policies/data/card-schemes.tsv). Luhn alone passes one random number in ten, so without scheme or keyword it is no finding. Mistaken for it: timestamps, tracking and \
        order numbers, IMEI. Reference: ISO/IEC 7812-1, the schemes' published ranges.",
};

/// A scheme: first digits from..=to, lengths, and what range and length are worth in decimal digits of odds.
struct Scheme {
    from: &'static str,
    to: &'static str,
    lengths: std::ops::RangeInclusive<usize>,
    bits: f64,
}

/// Published ranges, the narrow before the wide.
static SCHEMES: LazyLock<Vec<Scheme>> = LazyLock::new(|| {
    include_str!("../../../policies/data/card-schemes.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let fields: Vec<&'static str> = line.split('\t').collect();
            let [from, to, lengths, bits, _] = fields[..] else {
                panic!("card-schemes.tsv: five fields a line")
            };
            let number = |field: &str| field.parse().expect("card-schemes.tsv: lengths are numbers");
            let (least, most) = lengths.split_once('-').unwrap_or((lengths, lengths));
            let bits = bits.parse().expect("card-schemes.tsv: bits are a number");
            Scheme { from, to, lengths: number(least)..=number(most), bits }
        })
        .collect()
});

fn bank_card(site: &Site<'_>) -> Option<Reading> {
    let value = site.value;
    let digits = digits_of(value)?;
    if !is_grouped(value) || is_filler(&digits) || !checksum::luhn(&digits) {
        return None;
    }
    let scheme = SCHEMES.iter().find(|scheme| {
        let prefix = &digits[..scheme.from.len()];
        scheme.from <= prefix && prefix <= scheme.to && scheme.lengths.contains(&digits.len())
    })?;
    if digits.len() == 14 && is_timestamp(&digits) {
        return None;
    }
    // In a row of numbers some pass.
    if scheme.bits < 1.0 && value.len() > digits.len() && follows_group(site) {
        return None;
    }
    // Zeros at the end are round numbers, not cards.
    if digits.ends_with("000000") && scheme.bits < 1.0 {
        return None;
    }
    let printed = if value.len() > digits.len() { 0.7 } else { 0.0 };
    Some(Reading { canonical: digits, bits: 1.0 + scheme.bits + printed, span: site.span })
}

/// Whether the groups are those that cards are printed in: fours with a rest, 4-6-5 or 4-6-4, or 6 and the rest.
fn is_grouped(value: &str) -> bool {
    let groups: Vec<usize> = value.split([' ', '-']).map(str::len).collect();
    match groups.as_slice() {
        [_] | [4, 6, 5 | 4] | [6, 10..=13] => true,
        [heads @ .., last] => heads.iter().all(|len| *len == 4) && (1..=7).contains(last),
        [] => false,
    }
}

/// Whether another four digits stand before the first four.
fn follows_group(site: &Site<'_>) -> bool {
    let before = &site.text.folded.as_bytes()[..site.span.start];
    matches!(before, [.., a, b, c, d, b' ' | b'-'] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()))
}

/// `yyyymmddhhmmss`.
fn is_timestamp(digits: &str) -> bool {
    let of = |from: usize, to: usize| digits[from..to].parse::<u16>().unwrap_or(u16::MAX);
    (1990..=2099).contains(&of(0, 4))
        && checksum::is_date(of(0, 4), of(4, 6) as u8, of(6, 8) as u8)
        && of(8, 10) < 24
        && of(10, 12) < 60
        && of(12, 14) < 60
}
