//! Payment cards of all schemes.

use super::{Entity, Mask, Reading, Site, Trigger, checksum, digits_of, is_filler};

/// Card number (ISO/IEC 7812).
pub(super) const BANK_CARD: Entity = Entity {
    name: "bank-card",
    trigger: Trigger::Pattern(&[r"[0-9]{4}(?:[ -]?[0-9]){8,15}"]),
    examine: bank_card,
    mask: Mask { head: 6, tail: 4 },
    about: "12 to 19 digits, plain or in the groups that cards are printed in, with a Luhn check digit and the first digits of a scheme: UnionPay, Visa, Mastercard, Amex, Discover, \
        Diners Club, JCB, Mir, Maestro. Luhn alone passes one random number in ten, so without scheme or keyword it is no finding. Mistaken for it: timestamps, tracking and \
        order numbers, IMEI. Reference: ISO/IEC 7812-1, the schemes' published ranges.",
};

/// A scheme: first digits from..=to, lengths, and what range and length are worth in decimal digits of odds.
struct Scheme {
    from: &'static str,
    to: &'static str,
    lengths: &'static [usize],
    bits: f64,
}

/// Published ranges, the narrow before the wide. Bits: share of random numbers that begin so and are so long.
const SCHEMES: &[Scheme] = &[
    Scheme { from: "2200", to: "2204", lengths: &[16, 17, 18, 19], bits: 2.3 }, // Mir
    Scheme { from: "2221", to: "2720", lengths: &[16], bits: 1.5 },             // Mastercard 2-series
    Scheme { from: "300", to: "305", lengths: &[14], bits: 1.4 },               // Diners Club
    Scheme { from: "3095", to: "3095", lengths: &[14], bits: 2.0 },
    Scheme { from: "34", to: "34", lengths: &[15], bits: 1.8 }, // American Express
    Scheme { from: "37", to: "37", lengths: &[15], bits: 1.8 },
    Scheme { from: "3528", to: "3589", lengths: &[16, 17, 18, 19], bits: 2.1 }, // JCB
    Scheme { from: "36", to: "36", lengths: &[14], bits: 1.3 },
    Scheme { from: "38", to: "39", lengths: &[14], bits: 1.2 },
    Scheme { from: "4", to: "4", lengths: &[16], bits: 1.4 }, // Visa
    Scheme { from: "4", to: "4", lengths: &[13, 19], bits: 0.6 },
    Scheme { from: "51", to: "55", lengths: &[16], bits: 1.7 }, // Mastercard
    Scheme { from: "6011", to: "6011", lengths: &[16, 17, 18, 19], bits: 2.4 }, // Discover
    Scheme { from: "62", to: "62", lengths: &[16, 17, 18, 19], bits: 1.8 }, // UnionPay
    Scheme { from: "644", to: "659", lengths: &[16, 17, 18, 19], bits: 1.6 }, // Discover
    Scheme { from: "60", to: "60", lengths: &[16, 17, 18, 19], bits: 0.2 }, // domestic debit cards of China, RuPay
    Scheme { from: "68", to: "69", lengths: &[16, 17, 18, 19], bits: 0.2 },
    Scheme { from: "9", to: "9", lengths: &[16, 17, 18, 19], bits: 0.0 },
    Scheme { from: "50", to: "50", lengths: &[12, 13, 14, 15, 16, 17, 18, 19], bits: 0.0 }, // Maestro
    Scheme { from: "56", to: "69", lengths: &[12, 13, 14, 15, 16, 17, 18, 19], bits: 0.0 },
    Scheme { from: "1", to: "8", lengths: &[16, 17, 18, 19], bits: -0.6 }, // store cards and the like
];

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

/// `yyyymmddhhmmss`.
fn is_timestamp(digits: &str) -> bool {
    let of = |from: usize, to: usize| digits[from..to].parse::<u16>().unwrap_or(u16::MAX);
    (1990..=2099).contains(&of(0, 4))
        && checksum::is_date(of(0, 4), of(4, 6) as u8, of(6, 8) as u8)
        && of(8, 10) < 24
        && of(10, 12) < 60
        && of(12, 14) < 60
}
