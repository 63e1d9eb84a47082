//! India: Aadhaar, tax number (PAN) and number of businesses (GSTIN), which holds a PAN.

use super::{
    Entity, Mask, Trigger,
    checksum::{number_at, verhoeff},
};

/// Aadhaar.
pub(super) const AADHAAR: Entity = Entity {
    name: "in-aadhaar",
    trigger: Trigger::Pattern(&[r"[2-9][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}"]),
    examine: |site| site.grouped(0.5, aadhaar),
    mask: Mask { head: 0, tail: 4 },
    about: "Twelve digits from 2 to 9, also 4-4-4, the last by Verhoeff; no palindrome. One random number in ten passes, so it needs a word. Mistaken for it: time stamps such as \
        200210091843, order numbers. Reference: UIDAI, A UID Numbering Scheme.",
};

fn aadhaar(digits: &str) -> Option<f64> {
    let is_palindrome = digits.bytes().eq(digits.bytes().rev());
    (!is_palindrome && verhoeff(digits)).then_some(1.1)
}

/// Permanent account number.
pub(super) const PAN: Entity = Entity {
    name: "in-pan",
    trigger: Trigger::Pattern(&[r"[a-z]{3}[abcfghjlptk][a-z][0-9]{4}[a-z]"]),
    examine: |site| site.number(pan),
    mask: Mask { head: 5, tail: 1 },
    about: "Five letters, the fourth of which tells the kind of holder (P: a person), four digits, a letter. How the last letter is made is not public. Those of companies are worth \
        less. Mistaken for it: part numbers. Reference: Income Tax Department; Income-tax Act, section 139A.",
};

fn pan(number: &str) -> Option<f64> {
    let bits = if number.get(3..4)? == "P" { 1.5 } else { 0.9 };
    (number_at(number, 5, 9)? > 0).then_some(bits)
}

/// Number of businesses.
pub(super) const GSTIN: Entity = Entity {
    name: "in-gstin",
    trigger: Trigger::Pattern(&[r"[0-39][0-9][a-z]{3}[abcfghjlptk][a-z][0-9]{4}[a-z][1-9a-z]z[0-9a-z]"]),
    examine: |site| site.number(gstin),
    mask: Mask { head: 7, tail: 3 },
    about: "State, PAN of the business, number of registration, Z, check character (Luhn modulo 36). Sure by its shape, and business data unless the holder is a person. Mistaken for \
        it: nothing known. Reference: Central Goods and Services Tax Rules, 2017.",
};

fn gstin(number: &str) -> Option<f64> {
    let is_state = matches!(number_at(number, 0, 2)?, 1..=38 | 97);
    pan(number.get(2..12)?)?;
    let sum: u32 = number
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(36))
        .enumerate()
        .map(|(index, value)| value * if index % 2 == 0 { 1 } else { 2 })
        .map(|product| product / 36 + product % 36)
        .sum();
    (is_state && sum.is_multiple_of(36)).then_some(2.8)
}
