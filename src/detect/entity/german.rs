//! Germany, Austria and Switzerland: tax, identity card, passport and social insurance numbers.

use super::{Entity, Mask, Reading, Site, Trigger, checksum};

/// German tax identification number.
pub(super) const STEUER_ID: Entity = Entity {
    name: "de-steuer-id",
    trigger: Trigger::Pattern(&[r"[1-9][0-9](?:[ ./-]?[0-9]{3}){3}"]),
    examine: |site| {
        site.code(|digits, is_grouped| steuer_id(digits).map(|()| if is_grouped { 2.0 } else { 1.2 }))
    },
    mask: Mask { head: 0, tail: 3 },
    about: "Eleven digits, 2-3-3-3, check digit ISO 7064 MOD 11,10; of the first ten digits one stands twice or thrice and no other more than once. One random number in 300 passes. \
        Mistaken for it: mobile numbers without the zero. Reference: AO 139b, BZSt.",
};

fn steuer_id(digits: &str) -> Option<()> {
    let mut counts = [0; 10];
    for byte in digits.bytes().take(10) {
        counts[usize::from(byte - b'0')] += 1;
    }
    let repeated: Vec<i32> = counts.into_iter().filter(|count| *count > 1).collect();
    (matches!(repeated[..], [2 | 3]) && checksum::mod_11_10(digits)).then_some(())
}

/// German identity card.
pub(super) const PERSONALAUSWEIS: Entity = Entity {
    name: "de-personalausweis",
    trigger: Trigger::Pattern(&[r"[lmnprtvwxy][cfghjklmnprtvwxyz0-9]{8}[0-9]?"]),
    examine: |site| site.code(|code, _| travel_document(code, 1.0)),
    mask: Mask { head: 1, tail: 1 },
    about: "Nine characters of digits and consonants, the first one of L M N P R T V W X Y, as printed on the card; from its back a check digit may follow (ICAO 9303, weights 7 3 1). \
        Without that it has none, so it needs a keyword. Mistaken for it: part and batch numbers. Reference: PAuswV, BSI TR-03127.",
};

/// German passport.
pub(super) const REISEPASS: Entity = Entity {
    name: "de-passport",
    trigger: Trigger::Pattern(&[r"[cfghjk][cfghjklmnprtvwxyz0-9]{8}[0-9]?"]),
    examine: |site| site.code(|code, _| travel_document(code, 0.4)),
    mask: Mask { head: 1, tail: 1 },
    about: "Nine characters of digits and consonants, the first one of C F G H J K; the check digit of the machine-readable zone may follow (ICAO 9303, weights 7 3 1). Without that it \
        has none, so it needs a keyword. Mistaken for it: part numbers, passports of other countries. Reference: PassV.",
};

/// What a German document number is worth: `plain` without its check digit.
fn travel_document(code: &str, plain: f64) -> Option<f64> {
    let (body, check) = code.split_at_checked(9)?;
    let Some(check) = check.bytes().next() else { return Some(plain) };
    let sum: u32 = body
        .bytes()
        .zip([7, 3, 1].into_iter().cycle())
        .map(|(byte, weight)| char::from(byte).to_digit(36).unwrap_or(0) * weight)
        .sum();
    (sum % 10 == u32::from(check - b'0')).then_some(1.8)
}

/// German social insurance number.
pub(super) const SOZIALVERSICHERUNG: Entity = Entity {
    name: "de-sozialversicherungsnummer",
    trigger: Trigger::Pattern(&[
        r"[0-9]{2}[ -]?[0-9]{2}[ .]?[0-9]{2}[ .]?[0-9]{2}[ -]?[a-z][ -]?[0-9]{2}[ -]?[0-9]",
    ]),
    examine: |site| site.code(|code, _| sozialversicherung(code)),
    mask: Mask { head: 2, tail: 1 },
    about: "Two digits of the pension office, date of birth (day, month, year), initial, two digits of sequence, check digit (digit sums, modulus 10). Checked: office, date, check digit. \
        Mistaken for it: hardly anything. Reference: VKVV 2.",
};

fn sozialversicherung(code: &str) -> Option<f64> {
    const WEIGHTS: [u32; 12] = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
    let office = checksum::number_at(code, 0, 2)?;
    // A day above 31 says that the other numbers of that day and name were used up.
    let day = checksum::number_at(code, 2, 4)? % 50;
    let month = checksum::number_at(code, 4, 6)?;
    // The letter counts as two digits, A as 01.
    let letter = u32::from(code.as_bytes()[8] - b'A' + 1);
    let digits = format!("{}{letter:02}{}", &code[..8], &code[9..11]);
    let sum: u32 = digits
        .bytes()
        .zip(WEIGHTS)
        .map(|(byte, weight)| u32::from(byte - b'0') * weight)
        .map(|product| product / 10 + product % 10)
        .sum();
    let is_valid = sum % 10 == u32::from(code.as_bytes()[11] - b'0');
    ((2..=89).contains(&office) && checksum::is_date(2000, month as u8, day as u8) && is_valid).then_some(2.6)
}

/// Austrian social insurance number.
pub(super) const SVNR: Entity = Entity {
    name: "at-svnr",
    trigger: Trigger::Pattern(&[r"[1-9][0-9]{3}[ /-]?[0-3][0-9][ .]?[01][0-9][ .]?[0-9]{2}"]),
    examine: svnr,
    mask: Mask { head: 0, tail: 2 },
    about: "Three digits of sequence, check digit (modulus 11), date of birth (day, month, year). Months 13 to 15 are used where sequences ran out. Its ten digits look like an order \
        number, so it needs a keyword. Reference: ASVG 31, Dachverband der Sozialversicherungsträger.",
};

fn svnr(site: &Site<'_>) -> Option<Reading> {
    site.code(|digits, is_grouped| {
        let day = checksum::number_at(digits, 4, 6)?;
        let month = checksum::number_at(digits, 6, 8)?;
        let check = checksum::weighted(digits, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11;
        let is_valid = (1..=31).contains(&day)
            && (1..=15).contains(&month)
            && check == u32::from(digits.as_bytes()[3] - b'0');
        is_valid.then_some(if is_grouped { 2.3 } else { 1.8 })
    })
}

/// Swiss AHV/AVS number.
pub(super) const AHV: Entity = Entity {
    name: "ch-ahv",
    trigger: Trigger::Pattern(&[r"756[ .-]?[0-9]{4}[ .-]?[0-9]{4}[ .-]?[0-9]{2}"]),
    examine: |site| site.code(|digits, _| checksum::ean_13(digits).then_some(3.4)),
    mask: Mask { head: 3, tail: 2 },
    about: "Thirteen digits from 756, 3-4-4-2, check digit as in EAN-13. One random number in 10,000 passes; no article number begins with 756. Mistaken for it: hardly anything. \
        Reference: AHVG 50c, ZAS.",
};
