//! Italy, Greece, Cyprus and Malta: fiscal code, social security, tax and identity numbers.

use super::{Entity, Mask, Reading, Site, Trigger, checksum};

/// Italian fiscal code of a person.
pub(super) const CODICE_FISCALE: Entity = Entity {
    name: "it-codice-fiscale",
    trigger: Trigger::Pattern(&[
        r"[a-z]{6}[0-9lmnp-v]{2}[a-ehlmprst][0-9lmnp-v]{2}[a-z][0-9lmnp-v]{3}[a-z]",
        // The letters of the name stand apart: `rss mra 85t10 a562s`.
        r"[0-9lmnp-v]{2}[a-ehlmprst][0-9lmnp-v]{2}[ -]?[a-z][0-9lmnp-v]{3}[ -]?[a-z]",
    ]),
    examine: codice_fiscale,
    mask: Mask { head: 6, tail: 1 },
    about: "Sixteen characters: six letters of the names, year, month letter and day of birth (day plus 40 for women), place of birth, check letter (modulus 26). Where two people would have \
        the same, letters replace digits. Checked: date, check letter. Mistaken for it: hardly anything. Reference: DM 23 December 1976.",
};

/// Values of characters at odd places, by their value at even ones (DM 23 December 1976).
const ODD: [u32; 26] =
    [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

fn codice_fiscale(site: &Site<'_>) -> Option<Reading> {
    let bare: String = site.value.chars().filter(char::is_ascii_alphanumeric).collect();
    let (code, span) =
        if bare.len() < 16 { site.led_by(&[3, 3]).or_else(|| site.led_by(&[6]))? } else { (bare, site.span) };
    let code = code.to_ascii_uppercase();
    // L to V without O replace 0 to 9.
    let digit = |at: usize| match code.as_bytes()[at] {
        digit @ b'0'..=b'9' => Some(u32::from(digit - b'0')),
        letter => "LMNPQRSTUV".find(char::from(letter)).map(|index| index as u32),
    };
    let year = 2000 + digit(6)? * 10 + digit(7)?;
    let month = 1 + "ABCDEHLMPRST".find(char::from(code.as_bytes()[8]))?;
    let day = (digit(9)? * 10 + digit(10)?) % 40;
    let value = |byte: u8| match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        _ => u32::from(byte - b'A'),
    };
    let sum: u32 = code
        .bytes()
        .take(15)
        .enumerate()
        .map(|(index, byte)| if index % 2 == 0 { ODD[value(byte) as usize] } else { value(byte) })
        .sum();
    let is_dated = checksum::is_date(year as u16, month as u8, day as u8)
        || checksum::is_date(year as u16 - 100, month as u8, day as u8);
    let is_valid = is_dated && sum % 26 == value(*code.as_bytes().last()?);
    is_valid.then_some(Reading { canonical: code, bits: 3.4, span })
}

/// Italian tax number of businesses.
pub(super) const PARTITA_IVA: Entity = Entity {
    name: "it-partita-iva",
    trigger: Trigger::Pattern(&[r"[0-9]{11}"]),
    examine: |site| site.number(partita_iva),
    mask: Mask { head: 3, tail: 3 },
    about: "Seven digits, three of the tax office, a Luhn check digit. Public: it stands on every invoice. Recognised beside a keyword so that it is not taken for something else. \
        Reference: DPR 633/1972 35, Agenzia delle Entrate.",
};

/// What eleven digits are worth as a partita IVA.
pub(super) fn partita_iva(digits: &str) -> Option<f64> {
    let office = checksum::number_at(digits, 7, 10)?;
    let is_office = matches!(office, 1..=100 | 120 | 121 | 888 | 999);
    (is_office && !digits.starts_with("0000000") && checksum::luhn(digits)).then_some(1.9)
}

/// Greek social security number.
pub(super) const AMKA: Entity = Entity {
    name: "gr-amka",
    trigger: Trigger::Pattern(&[r"[0-3][0-9][01][0-9]{3}[ -]?[0-9]{5}"]),
    examine: |site| site.number(amka),
    mask: Mask { head: 0, tail: 2 },
    about: "Date of birth (day, month, year), four digits of sequence, a Luhn check digit. One random number in 300 passes; with eleven digits it looks like a phone number, so it needs a \
        keyword. Reference: Law 3655/2008 153, IDIKA.",
};

fn amka(digits: &str) -> Option<f64> {
    let of = |from| checksum::number_at(digits, from, from + 2).unwrap_or(0);
    let is_date = [1900, 2000]
        .iter()
        .any(|century| checksum::is_date(century + of(4) as u16, of(2) as u8, of(0) as u8));
    (is_date && checksum::luhn(digits)).then_some(2.4)
}

/// Greek tax number of a person.
pub(super) const AFM: Entity = Entity {
    name: "gr-afm",
    trigger: Trigger::Pattern(&[r"(?:el[ -]?|gr[ -]?)?[0-9]{9}"]),
    examine: |site| site.code(|code, _| afm(code).filter(|(_, is_person)| *is_person).map(|(bits, _)| bits)),
    mask: Mask { head: 0, tail: 3 },
    about: "Nine digits, powers of two, modulus 11. One random number in ten passes, so it needs a keyword. Numbers of legal persons begin with 09, 7, 8 or 9 and are public. Mistaken for it: \
        any number of nine digits. Reference: Law 1809/1988, AADE.",
};

/// What a Greek tax number is worth, and whether it is a person's.
pub(super) fn afm(code: &str) -> Option<(f64, bool)> {
    let digits = code.trim_start_matches(|c: char| c.is_ascii_uppercase());
    let sum = checksum::weighted(digits, &[256, 128, 64, 32, 16, 8, 4, 2]);
    let is_valid = sum % 11 % 10 == u32::from(digits.as_bytes()[8] - b'0');
    let is_person = !digits.starts_with("09") && !digits.starts_with(['7', '8', '9']);
    is_valid.then_some((if digits == code { 1.0 } else { 1.5 }, is_person))
}

/// Tax number of Cyprus.
pub(super) const CYPRUS_TIC: Entity = Entity {
    name: "cy-tic",
    trigger: Trigger::Pattern(&[r"[0-9]{8}[a-z]"]),
    examine: |site| site.code(|code, _| cyprus_tic(code)),
    mask: Mask { head: 0, tail: 2 },
    about: "Eight digits and a check letter (modulus 26); of people it begins with 0. One random value in 26 passes, so it needs a keyword. Mistaken for it: part numbers. Reference: OECD, \
        tax identification numbers, Cyprus.",
};

/// What eight digits and a letter are worth as a Cypriot number.
pub(super) fn cyprus_tic(code: &str) -> Option<f64> {
    let digits = code.bytes().take(8).map(|byte| u32::from(byte - b'0'));
    let sum: u32 = digits
        .enumerate()
        .map(|(index, digit)| if index % 2 == 0 { ODD[digit as usize] } else { digit })
        .sum();
    let is_valid = !code.starts_with("12") && sum % 26 == u32::from(code.as_bytes()[8] - b'A');
    is_valid.then_some(1.4)
}

/// Identity card of Malta.
pub(super) const MALTA_ID: Entity = Entity {
    name: "mt-id",
    trigger: Trigger::Pattern(&[r"[0-9]{5,7}[abghlmpz]"]),
    examine: |site| site.code(|_, _| Some(0.0)),
    mask: Mask { head: 0, tail: 2 },
    about: "Up to seven digits and a letter of how the person came into the register (M, G, A, P, L, H, B, Z). No check digit: only a word that names it makes it a finding. Mistaken for it: \
        part numbers. Reference: Identity Card and other Identity Documents Act, cap. 258.",
};
