//! Poland, Czechia, Slovakia and Hungary: identity, insurance and tax numbers.
//!
//! All but the identity card are digits only, and shorter than chance can be told from; every rule for them needs a word near by.

use super::{
    Entity, Mask, Reading, Site, Trigger,
    checksum::{exists, number_at, weighted, weighted_36},
};

/// Polish PESEL.
pub(super) const PESEL: Entity = Entity {
    name: "pl-pesel",
    trigger: Trigger::Pattern(&[r"[0-9]{6}[ -]?[0-9]{5}"]),
    examine: |site| site.number(pesel),
    mask: Mask { head: 0, tail: 4 },
    about: "Eleven digits: date of birth with the century in the month, four of sequence, check digit (weights 1 3 7 9, modulo 10). One random number in 55 passes, so it needs a \
        word. Mistaken for it: order and telephone numbers. Reference: Ustawa o ewidencji ludnosci (2010), Art. 15.",
};

fn pesel(digits: &str) -> Option<f64> {
    let of = |from, to| number_at(digits, from, to);
    let month = of(2, 4)?;
    let century = *[1900, 2000, 2100, 2200, 1800].get(month as usize / 20)?;
    let is_dated = exists(century + of(0, 2)?, month % 20, of(4, 6)?);
    let sum = weighted(digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]);
    (is_dated && sum.is_multiple_of(10)).then_some(1.7)
}

/// Polish NIP.
pub(super) const NIP: Entity = Entity {
    name: "pl-nip",
    trigger: Trigger::Pattern(&[
        r"(?:pl ?)?[0-9]{10}",
        r"(?:pl ?)?[0-9]{3}[ -][0-9]{3}[ -][0-9]{2}[ -][0-9]{2}",
        r"(?:pl ?)?[0-9]{3}[ -][0-9]{2}[ -][0-9]{2}[ -][0-9]{3}",
    ]),
    examine: nip,
    mask: Mask { head: 3, tail: 2 },
    about: "Tax number of companies and self-employed people: ten digits, also 3-3-2-2 or 3-2-2-3, PL before it in VAT numbers; check digit (weights 6 5 7 2 3 4 5 6 7, modulo 11). \
        One random number in 11 passes, so it needs a word. Mistaken for it: telephone numbers. Reference: Ustawa o zasadach ewidencji i identyfikacji podatnikow (1995).",
};

fn nip(site: &Site<'_>) -> Option<Reading> {
    let value = site.value.strip_prefix("pl").unwrap_or(site.value).trim_start();
    Site { value, ..*site }.grouped(0.6, |digits| {
        (weighted(digits, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == number_at(digits, 9, 10)?).then_some(1.0)
    })
}

/// Polish identity card.
pub(super) const POLISH_ID_CARD: Entity = Entity {
    name: "pl-id-card",
    trigger: Trigger::Pattern(&[r"[a-z]{3} ?[0-9]{6}"]),
    examine: |site| site.number(polish_id_card),
    mask: Mask { head: 3, tail: 2 },
    about: "Three letters and six digits, the first of which is the check digit (weights 7 3 1 7 3 1 7 3 over the rest, modulo 10). One in ten passes, so it needs a word. Mistaken \
        for it: part numbers, flight and vehicle numbers. Reference: Rozporzadzenie w sprawie dowodow osobistych; ICAO 9303 weights.",
};

fn polish_id_card(number: &str) -> Option<f64> {
    weighted_36(number, &[7, 3, 1, 9, 7, 3, 1, 7, 3]).is_multiple_of(10).then_some(1.0)
}

/// Czech and Slovak birth number.
pub(super) const CZECH_BIRTH_NUMBER: Entity = Entity {
    name: "cz-birth-number",
    trigger: Trigger::Pattern(&[r"[0-9]{6}/?[0-9]{3,4}"]),
    examine: |site| site.grouped(0.6, czech_birth_number),
    mask: Mask { head: 0, tail: 4 },
    about: "Rodne cislo: yymmdd, with 50 added to the month for women and 20 where the series ran out, a slash, and four digits with a check (modulo 11); three without check until \
        1953. One random number in 75 passes. Mistaken for it: bank accounts with a bank code behind the slash, file numbers. Reference: zakon 133/2000 Sb., zakon 301/1995 Z. z.",
};

fn czech_birth_number(digits: &str) -> Option<f64> {
    let of = |from, to| number_at(digits, from, to);
    let month = match of(2, 4)? {
        month @ 1..=12 => month,
        month @ 21..=32 => month - 20,
        month @ 51..=62 => month - 50,
        month @ 71..=82 => month - 70,
        _ => return None,
    };
    let year = of(0, 2)?;
    // Check digits came in 1954; since then all numbers have ten digits.
    let (century, bits) = match (digits.len(), year) {
        (9, 80..) => (1800, 0.3),
        (9, ..54) => (1900, 0.3),
        (10, 54..) => (1900, 1.9),
        (10, _) => (2000, 1.9),
        _ => return None,
    };
    let is_checked = digits.len() == 9 || of(0, 9)? % 11 % 10 == of(9, 10)?;
    (exists(century + year, month, of(4, 6)?) && is_checked).then_some(bits)
}

/// Hungarian social insurance number.
pub(super) const TAJ: Entity = Entity {
    name: "hu-taj",
    trigger: Trigger::Pattern(&[r"[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{3}"]),
    examine: |site| site.grouped(0.5, taj),
    mask: Mask { head: 0, tail: 3 },
    about: "TAJ: nine digits, also 3-3-3, the last a check digit (weights 3 7, modulo 10). One random number in ten passes, so it needs a word. Mistaken for it: telephone and order \
        numbers. Reference: 1996. evi XX. torveny.",
};

fn taj(digits: &str) -> Option<f64> {
    (weighted(digits, &[3, 7, 3, 7, 3, 7, 3, 7]) % 10 == number_at(digits, 8, 9)?).then_some(1.0)
}

/// Hungarian tax identification of people.
pub(super) const HUNGARIAN_TAX_ID: Entity = Entity {
    name: "hu-tax-id",
    trigger: Trigger::Pattern(&[r"8[0-9]{9}"]),
    examine: |site| site.number(hungarian_tax_id),
    mask: Mask { head: 0, tail: 3 },
    about: "Adoazonosito jel: ten digits from 8, five of which count the days since 1867-01-01 to the date of birth, the last a check digit (weights 1 to 9, modulo 11; ten is not \
        issued). Of ten-digit numbers one in 150 passes. Mistaken for it: telephone and order numbers. Reference: 1996. evi XX. torveny.",
};

/// Days from 1867 to 2036.
const LAST_BIRTHDAY: u32 = 62_000;

fn hungarian_tax_id(digits: &str) -> Option<f64> {
    let is_checked = weighted(digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 == number_at(digits, 9, 10)?;
    (is_checked && number_at(digits, 1, 6)? < LAST_BIRTHDAY).then_some(2.2)
}
