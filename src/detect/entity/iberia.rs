//! Spain and Portugal: identity documents and tax numbers of people, tax numbers of companies.

use super::{Entity, Mask, Reading, Site, Trigger, checksum};

/// Spanish identity document.
pub(super) const DNI: Entity = Entity {
    name: "es-dni",
    trigger: Trigger::Pattern(&[r"(?:es[ -]?)?[0-9]{2}\.?[0-9]{3}\.?[0-9]{3}[ -]?[a-z]"]),
    examine: |site| site.code(|code, _| is_dni(code.trim_start_matches("ES")).then(|| worth(site))),
    mask: Mask { head: 0, tail: 2 },
    about: "Eight digits and a check letter (modulus 23); also the tax number (NIF) of residents, and with ES before it their VAT number. Mistaken for it: part numbers, one in 23 of which pass. Reference: Real Decreto 1553/2005.",
};

/// Spanish identity number of foreigners.
pub(super) const NIE: Entity = Entity {
    name: "es-nie",
    trigger: Trigger::Pattern(&[r"(?:es[ -]?)?[xyz][ -]?[0-9]\.?[0-9]{3}\.?[0-9]{3}[ -]?[a-z]"]),
    examine: nie,
    mask: Mask { head: 1, tail: 2 },
    about: "X, Y or Z, seven digits and a check letter (modulus 23, the first letter counted as 0, 1, 2). Mistaken for it: part numbers. Reference: Real Decreto 557/2011, Orden INT/2058/2008.",
};

fn nie(site: &Site<'_>) -> Option<Reading> {
    site.code(|code, _| {
        let code = code.trim_start_matches("ES");
        let first = code.bytes().next()? - b'X';
        is_dni(&format!("{first}{}", &code[1..])).then(|| worth(site))
    })
}

/// Whether the letter behind eight digits is theirs.
fn is_dni(code: &str) -> bool {
    let letter = code.as_bytes().last();
    let index = checksum::remainder(&code[..code.len() - 1], 23) as usize;
    b"TRWAGMYFPDXBNJZSQVHLCKE".get(index) == letter
}

/// What a passed check is worth: a letter that stands apart may be a word, and a small one among digits a hash.
fn worth(site: &Site<'_>) -> f64 {
    match (site.is_upper(), site.value.contains(' ')) {
        (true, false) => 1.6,
        (true, true) | (false, false) => 1.0,
        (false, true) => 0.0,
    }
}

/// Tax number of Spanish companies.
pub(super) const CIF: Entity = Entity {
    name: "es-cif",
    trigger: Trigger::Pattern(&[r"[a-hjnp-suvw][ -]?[0-9]{2}\.?[0-9]{3}\.?[0-9]{2}[ -]?[0-9a-j]"]),
    examine: |site| site.code(|code, _| cif(code)),
    mask: Mask { head: 3, tail: 2 },
    about: "Letter of the legal form, seven digits, a check digit or the letter that stands for it (Luhn). It names companies and is published, so it counts little. Mistaken for it: part \
        numbers, so it needs a keyword. Reference: Real Decreto 1065/2007, Orden EHA/451/2008.",
};

pub(super) fn cif(code: &str) -> Option<f64> {
    let (body, check) = code.split_at(8);
    let digit = match check.bytes().next()? {
        // J stands for 0, A for 1 and so on.
        letter @ b'A'..=b'J' => (letter - b'A' + 1) % 10,
        digit => digit - b'0',
    };
    checksum::luhn(&format!("{}{digit}", &body[1..])).then_some(1.0)
}

/// Portuguese tax number of a person.
pub(super) const NIF: Entity = Entity {
    name: "pt-nif",
    trigger: Trigger::Pattern(&[r"(?:pt[ -]?)?[0-9]{3}[ .-]?[0-9]{3}[ .-]?[0-9]{3}"]),
    examine: |site| site.code(|code, _| nif(code).filter(|(_, is_person)| *is_person).map(|(bits, _)| bits)),
    mask: Mask { head: 0, tail: 3 },
    about: "Nine digits from 1 to 4, weights 9 to 2, modulus 11. One random number in ten passes, so it needs a keyword. Mistaken for it: phone numbers, which begin with 2, 3 and 9. \
        Reference: Decreto-Lei 14/2013, Portaria 386/98.",
};

/// Portuguese tax number of a company.
pub(super) const NIPC: Entity = Entity {
    name: "pt-nipc",
    trigger: Trigger::Pattern(&[r"[5-9][0-9]{2}[ .-]?[0-9]{3}[ .-]?[0-9]{3}"]),
    examine: |site| site.code(|code, _| nif(code).filter(|(_, is_person)| !is_person).map(|(bits, _)| bits)),
    mask: Mask { head: 3, tail: 3 },
    about: "As the tax number of a person, from 5 to 9. Public: it stands on every invoice. Recognised beside a keyword so that it is not taken for something else. Reference: \
        Decreto-Lei 14/2013.",
};

/// What a Portuguese tax number is worth, and whether it is a person's.
pub(super) fn nif(code: &str) -> Option<(f64, bool)> {
    let digits = code.trim_start_matches("PT");
    let sum = checksum::weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    let check = (11 - sum) % 11 % 10;
    let is_person = matches!(digits.as_bytes()[0], b'1'..=b'4');
    let is_valid = !digits.starts_with('0') && digits.as_bytes()[8] == b'0' + check as u8;
    is_valid.then_some((if digits == code { 1.0 } else { 1.5 }, is_person))
}

/// Portuguese citizen card.
pub(super) const CARTAO_DE_CIDADAO: Entity = Entity {
    name: "pt-citizen-card",
    trigger: Trigger::Pattern(&[r"[0-9]{8}[ -]?[0-9][ -]?[a-z0-9]{2}[ -]?[0-9]"]),
    examine: |site| site.code(|code, _| citizen_card(code)),
    mask: Mask { head: 0, tail: 3 },
    about: "Eight digits of the civil number, its check digit, two characters of the card's version, and a check digit over all (Luhn, letters from 10). Checked: the last. One random value in \
        ten passes, so it needs a keyword. Reference: Lei 7/2007, Validação do número do cartão de cidadão (AMA).",
};

fn citizen_card(code: &str) -> Option<f64> {
    let sum: u32 = code
        .chars()
        .rev()
        .enumerate()
        .map(|(index, c)| match (c.to_digit(36).unwrap_or(0), index % 2) {
            (value, 0) => value,
            (value, _) if value > 4 => value * 2 - 9,
            (value, _) => value * 2,
        })
        .sum();
    let has_letters = code[9..11].bytes().all(|byte| byte.is_ascii_uppercase());
    sum.is_multiple_of(10).then_some(if has_letters { 1.6 } else { 1.0 })
}
