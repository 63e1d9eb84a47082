//! Oceania and Africa: numbers of persons and of taxpayers.

use super::{Entity, Mask, Reading, Site, Trigger, checksum, digits_of};

/// Australia: tax file number.
pub(super) const AU_TFN: Entity = Entity {
    name: "au-tfn",
    trigger: Trigger::Pattern(&[r"[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{2,3}"]),
    examine: |site| {
        // 876543210 counts down and is valid all the same; one digit over and over is none.
        let digits = digits_of(site.value)?;
        let is_plain = digits.bytes().all(|byte| byte == digits.as_bytes()[0]);
        let sum = checksum::weighted(&digits, &[1, 4, 3, 7, 5, 8, 6, 9, 10]);
        (sum.is_multiple_of(11) && !is_plain).then_some(Reading {
            canonical: digits,
            bits: 1.0,
            span: site.span,
        })
    },
    mask: Mask { head: 0, tail: 3 },
    about: "Eight or nine digits, 3-3-3, weighted to a multiple of eleven. One random number in eleven passes, so it needs a keyword. Mistaken for it: order numbers. Reference: Australian \
        Taxation Office; Privacy (Tax File Number) Rule 2015.",
};

/// Australia: business number.
pub(super) const AU_ABN: Entity = Entity {
    name: "au-abn",
    trigger: Trigger::Pattern(&[r"[1-9][0-9][ -]?[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{3}"]),
    examine: |site| {
        site.number(|digits| {
            // One is taken from the first digit before it is weighted.
            let sum = checksum::weighted(digits, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) - 10;
            sum.is_multiple_of(89).then_some(2.0)
        })
    },
    mask: Mask { head: 2, tail: 3 },
    about: "Eleven digits, 2-3-3-3, of which the first two check the others (MOD 89). Public. Mistaken for it: mobile and order numbers, so it needs a keyword. Reference: Australian \
        Business Register.",
};

/// Australia: Medicare card.
pub(super) const AU_MEDICARE: Entity = Entity {
    name: "au-medicare",
    trigger: Trigger::Pattern(&[r"[2-6][0-9]{3}[ -]?[0-9]{5}[ -]?[0-9](?:[ /-]?[0-9])?"]),
    examine: |site| {
        let digits: String = site.value.chars().filter(char::is_ascii_digit).collect();
        let sum = checksum::weighted(&digits, &[1, 3, 7, 9, 1, 3, 7, 9]);
        (sum % 10 == checksum::number_at(&digits, 8, 9)?).then_some(Reading {
            canonical: digits,
            bits: 1.0,
            span: site.span,
        })
    },
    mask: Mask { head: 4, tail: 1 },
    about: "Ten digits from 2-6, 4-5-1, and a digit for the person on the card; the ninth checks the first eight. One random number in twenty passes, so it needs a keyword. Mistaken for it: \
        phone numbers. Reference: Services Australia.",
};

/// New Zealand: tax number.
pub(super) const NZ_IRD: Entity = Entity {
    name: "nz-ird",
    trigger: Trigger::Pattern(&[r"[0-9]{2,3}[ -]?[0-9]{3}[ -]?[0-9]{3}"]),
    examine: |site| {
        site.number(|digits| {
            let number: u32 = digits.parse().ok()?;
            let padded = format!("{digits:0>9}");
            let check = |weights| (11 - checksum::weighted(&padded[..8], weights) % 11) % 11;
            let check = match check(&[3, 2, 7, 6, 5, 4, 3, 2]) {
                10 => check(&[7, 4, 3, 2, 5, 2, 7, 6]),
                digit => digit,
            };
            let is_issued = (10_000_001..150_000_000).contains(&number);
            (is_issued && Some(check) == checksum::number_at(&padded, 8, 9)).then_some(1.1)
        })
    },
    mask: Mask { head: 0, tail: 3 },
    about: "Eight or nine digits up to 150 million, 3-3-3, with a check digit (MOD 11, two sets of weights). One random number in ten passes, so it needs a keyword. Reference: Inland Revenue, \
        resident withholding tax specification.",
};

/// South Africa: identity number.
pub(super) const ZA_ID: Entity = Entity {
    name: "za-id",
    trigger: Trigger::Pattern(&[r"[0-9]{6}[ -]?[0-9]{4}[ -]?[01][0-9][ -]?[0-9]"]),
    examine: |site: &Site<'_>| {
        let reading = site.number(|digits| {
            (checksum::begins_with_yymmdd(digits) && checksum::luhn(digits)).then_some(1.4)
        })?;
        let bits = if site.value.contains([' ', '-']) { 2.2 } else { reading.bits };
        Some(Reading { bits, ..reading })
    },
    mask: Mask { head: 6, tail: 1 },
    about: "Thirteen digits: date of birth, sex and sequence, 0 for citizens and 1 for residents, one that meant race once, Luhn check digit. Mistaken for it: timestamps in milliseconds, of \
        which one in 1,500 passes. Reference: Identification Act 68 of 1997.",
};

/// Nigeria: national identification number.
pub(super) const NG_NIN: Entity = Entity {
    name: "ng-nin",
    trigger: Trigger::Pattern(&[r"[1-9][0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}"]),
    examine: |site| site.number(|_| Some(-0.2)),
    mask: Mask { head: 2, tail: 2 },
    about: "Eleven digits, 4-3-4; no public check digit. Mistaken for it: mobile and order numbers, so it needs a keyword. Reference: NIMC Act 2007.",
};
