//! China: resident identity number and mobile number.

use super::{Entity, Mask, Reading, Site, Trigger, checksum, digits_of};

/// Resident identity number, 18 digits (GB 11643) or the old 15.
pub(super) const RESIDENT_ID: Entity = Entity {
    name: "cn-resident-id",
    trigger: Trigger::Pattern(&[
        r"[1-9][0-9]{5}[ -]?(?:18|19|20)[0-9]{6}[ -]?[0-9]{3}[0-9x]",
        r"[1-9][0-9]{14}",
    ]),
    examine: resident_id,
    mask: Mask { head: 6, tail: 4 },
    about: "Six digits of region, date of birth, three of sequence, check character (ISO 7064 MOD 11-2). Checked: province, a date that exists and is no more than 120 years \
        past, check character; together one random number in 50,000 passes. County codes are not checked: they change, and people keep theirs. Also the residence permits of \
        residents of Hong Kong, Macau (regions 81, 82) and Taiwan (71, 83). The old form of 15 digits has no check character and needs a keyword. Mistaken for it: order, \
        tracking and credit code numbers. Reference: GB 11643-1999.",
};

/// First two digits of regions (GB/T 2260), with 83 for residence permits of Taiwan residents.
const PROVINCES: &[u8] = &[
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54,
    61, 62, 63, 64, 65, 71, 81, 82, 83,
];

fn resident_id(site: &Site<'_>) -> Option<Reading> {
    let number = digits_of(site.value)?;
    let of = |from: usize, to: usize| number.get(from..to)?.parse::<u16>().ok();
    if !PROVINCES.contains(&(of(0, 2)? as u8)) {
        return None;
    }
    let (year, at, bits) = match number.len() {
        18 => (of(6, 10)?, 10, 4.7),
        // No check character: only a keyword makes it a finding, and a weak one.
        15 => (1900 + of(6, 8)?, 8, -1.0),
        _ => return None,
    };
    let is_dated = checksum::is_date(year, of(at, at + 2)? as u8, of(at + 2, at + 4)? as u8);
    let is_alive = site.year.is_none_or(|now| year <= now && year + 120 >= now);
    if !is_dated || !is_alive || (number.len() == 18 && !checksum::mod_11_2(&number)) {
        return None;
    }
    Some(Reading { canonical: number.to_ascii_uppercase(), bits, span: site.span })
}

/// Mobile number.
pub(super) const MOBILE: Entity = Entity {
    name: "cn-mobile",
    trigger: Trigger::Pattern(&[
        r"1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}",
        r"(?:00)?86[ -]?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}",
    ]),
    examine: mobile,
    mask: Mask { head: 3, tail: 4 },
    about: "Eleven digits from 1, by the prefixes that are in use; with or without 86. There is no check digit, so alone it is weak: a keyword, the country code or a list of \
        five makes it firm. Mistaken for it: order numbers, ids. Reference: the numbering plan as of libphonenumber 9.0.",
};

/// Three-digit prefixes of mobile numbers: 13x, 14[5-9], 15[0-35-9], 16[25-7], 17[0-8], 18x, 19[0-35-9].
fn is_mobile_prefix(prefix: &str) -> bool {
    let Some((class, digit)) = prefix.split_at_checked(2) else { return false };
    let digits = match class {
        "13" | "18" => "0123456789",
        "14" => "56789",
        "15" | "19" => "012356789",
        "16" => "2567",
        "17" => "012345678",
        _ => return false,
    };
    digits.contains(digit)
}

fn mobile(site: &Site<'_>) -> Option<Reading> {
    let digits = digits_of(site.value)?;
    let international = digits.len() > 11;
    let number = &digits[digits.len().checked_sub(11)?..];
    let one_digit = number[3..].bytes().all(|byte| byte == number.as_bytes()[3]);
    if !is_mobile_prefix(&number[..3]) || one_digit {
        return None;
    }
    let bits = if international { 1.6 } else { 0.9 };
    Some(Reading { canonical: number.to_owned(), bits, span: site.span })
}
