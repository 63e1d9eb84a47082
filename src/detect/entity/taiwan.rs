//! Taiwan: identity number, resident certificate, number of companies.

use super::{
    Entity, Mask, Trigger,
    checksum::{number_at, weighted},
};

/// National identity number.
pub(super) const NATIONAL_ID: Entity = Entity {
    name: "tw-national-id",
    trigger: Trigger::Pattern(&[r"[a-z][12][0-9]{8}"]),
    examine: |site| site.number(|number| is_checked(number).then_some(1.5)),
    mask: Mask { head: 2, tail: 3 },
    about: "A letter for the region, 1 or 2, seven digits and a check digit (modulo 10). One in ten of such shape passes. Mistaken for it: part numbers, references. Reference: \
        Household Registration Act; detection reference 1.3.",
};

/// Resident certificate of foreigners.
pub(super) const RESIDENT_CERTIFICATE: Entity = Entity {
    name: "tw-arc",
    trigger: Trigger::Pattern(&[r"[a-z][89][0-9]{8}", r"[a-z][a-d][0-9]{8}"]),
    examine: |site| site.number(|number| is_checked(number).then_some(1.4)),
    mask: Mask { head: 2, tail: 3 },
    about: "UI number of the alien resident certificate: a letter, 8 or 9 (before 2021 a letter from A to D), seven digits and a check digit (modulo 10). It needs a word: bills of \
        lading and parcels are numbered alike. Reference: National Immigration Agency; detection reference 1.3.",
};

/// Letters in the order of their numbers, from 10.
const LETTERS: &str = "ABCDEFGHJKLMNPQRSTUVXYWZIO";

fn is_checked(number: &str) -> bool {
    let code = |c: char| LETTERS.find(c).map(|index| index as u32 + 10);
    let Some((first, digits)) = number.split_at_checked(1) else { return false };
    let Some(region) = first.chars().next().and_then(code) else { return false };
    let (second, rest) = digits.split_at(1);
    // Of a letter in the second place only the unit counts.
    let second = second.chars().next().and_then(|c| c.to_digit(10).or_else(|| code(c).map(|code| code % 10)));
    let sum =
        region / 10 + region % 10 * 9 + second.unwrap_or(0) * 8 + weighted(rest, &[7, 6, 5, 4, 3, 2, 1, 1]);
    sum.is_multiple_of(10)
}

/// Uniform number of companies.
pub(super) const UNIFORM_NUMBER: Entity = Entity {
    name: "tw-ubn",
    trigger: Trigger::Pattern(&[r"[0-9]{8}"]),
    examine: |site| site.number(uniform_number),
    mask: Mask { head: 2, tail: 2 },
    about: "Eight digits; digits of the products with 1 2 1 2 1 2 4 1 add up to a multiple of 10, or of 10 less one where the seventh digit is 7. Public. One random number in nine \
        passes, so it needs a word. Mistaken for it: dates. Reference: Ministry of Finance, Fiscal Information Agency.",
};

fn uniform_number(digits: &str) -> Option<f64> {
    let sum: u32 = digits
        .bytes()
        .zip([1, 2, 1, 2, 1, 2, 4, 1])
        .map(|(byte, weight)| u32::from(byte - b'0') * weight)
        .map(|product| product / 10 + product % 10)
        .sum();
    let is_checked = sum.is_multiple_of(10) || (sum % 10 == 9 && number_at(digits, 6, 7)? == 7);
    is_checked.then_some(0.9)
}
