//! Belgium, the Netherlands and Luxembourg: national number, citizen service number, national identification number.

use super::{Entity, Mask, Reading, Site, Trigger, checksum};

/// Belgian national number, and the BIS number of people who are not in the register.
pub(super) const NATIONAL_NUMBER: Entity = Entity {
    name: "be-national-number",
    trigger: Trigger::Pattern(&[
        r"[0-9]{2}[ .-][0-9]{2}[ .-][0-9]{2}[ .-][0-9]{3}[ .-]?[0-9]{2}",
        r"[0-9]{6}[ -]?[0-9]{3}[ .-]?[0-9]{2}",
    ]),
    examine: national_number,
    mask: Mask { head: 0, tail: 2 },
    about: "Date of birth (year, month, day; month plus 20 or 40 in BIS numbers, 00 where unknown), three digits of sequence, two check digits: 97 minus the remainder of the rest, with 2 \
        before it for those born from 2000. Mistaken for it: phone numbers of eleven digits. Reference: Royal decree of 3 April 1984, IBZ.",
};

fn national_number(site: &Site<'_>) -> Option<Reading> {
    let is_printed = site.value.as_bytes().get(2).is_some_and(|byte| !byte.is_ascii_digit());
    site.code(|digits, _| {
        let year = 2000 + checksum::number_at(digits, 0, 2)?;
        let month = match checksum::number_at(digits, 2, 4)? {
            month @ 0..=12 => month,
            month @ (20..=32 | 40..=52) => month % 20,
            _ => return None,
        };
        let day = checksum::number_at(digits, 4, 6)?;
        let check = checksum::number_at(digits, 9, 11)?;
        let is_checked = |body: &str| 97 - checksum::remainder(body, 97) == check;
        let is_young = site.year.is_none_or(|now| year <= u32::from(now));
        let is_valid = is_checked(&digits[..9]) || (is_young && is_checked(&format!("2{}", &digits[..9])));
        if !is_valid {
            return None;
        }
        // The day of birth may be unknown, or its sequence used up: then any day stands.
        let is_dated = checksum::is_date(2000, month as u8, day as u8);
        Some(match (is_printed, is_dated) {
            (true, true) => 2.5,
            (false, true) | (true, false) => 1.4,
            (false, false) => 0.7,
        })
    })
}

/// Dutch citizen service number.
pub(super) const BSN: Entity = Entity {
    name: "nl-bsn",
    trigger: Trigger::Pattern(&[
        r"[0-9]{4}[ .-]?[0-9]{2}[ .-]?[0-9]{3}",
        r"[0-9]{3}[ .-][0-9]{3}[ .-][0-9]{3}",
    ]),
    examine: |site| site.number(bsn),
    mask: Mask { head: 0, tail: 3 },
    about: "Nine digits, weights 9 to 2 and minus 1, modulus 11. One random number in eleven passes, so it needs a keyword. Mistaken for it: any number of nine digits. Reference: Wabb, \
        Logisch Ontwerp BSN.",
};

fn bsn(digits: &str) -> Option<f64> {
    // Minus one is plus ten.
    checksum::weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2, 10]).is_multiple_of(11).then_some(1.0)
}

/// Luxembourg national identification number.
pub(super) const MATRICULE: Entity = Entity {
    name: "lu-matricule",
    trigger: Trigger::Pattern(&[
        r"(?:18|19|20)[0-9]{2}[ -]?[01][0-9][ -]?[0-3][0-9][ -]?[0-9]{3}[ -]?[0-9]{2}",
    ]),
    examine: matricule,
    mask: Mask { head: 0, tail: 2 },
    about: "Date of birth (year, month, day), three digits of sequence, a Luhn and a Verhoeff check digit, each over the first eleven. Of numbers that begin with a date one in 100 \
        passes. Mistaken for it: order numbers of date and sequence. Reference: Law of 19 June 2013, Règlement grand-ducal of 18 June 2014.",
};

fn matricule(site: &Site<'_>) -> Option<Reading> {
    site.code(|digits, is_grouped| {
        let of = |from, to| checksum::number_at(digits, from, to).unwrap_or(0);
        let (body, last) = digits.split_at(11);
        let is_born = site.year.is_none_or(|now| of(0, 4) <= u32::from(now));
        let is_valid = is_born
            && checksum::is_date(of(0, 4) as u16, of(4, 6) as u8, of(6, 8) as u8)
            && checksum::luhn(&digits[..12])
            && checksum::verhoeff(&format!("{body}{}", &last[1..]));
        // Order numbers begin with a date too.
        is_valid.then_some(if is_grouped { 2.4 } else { 1.2 })
    })
}
