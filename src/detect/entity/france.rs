//! France: social security number, tax number, and the public numbers of companies.

use super::{Entity, Mask, Reading, Site, Trigger, checksum};

/// Social security number (NIR).
pub(super) const NIR: Entity = Entity {
    name: "fr-nir",
    trigger: Trigger::Pattern(&[
        r"[1-478](?:[ .-]?[0-9]{2}){2}[ .-]?(?:[0-9]{2}|2[ab])(?:[ .-]?[0-9]{3}){2}(?:(?:[ .-]| ?/ ?)?[0-9]{2})?",
    ]),
    examine: nir,
    mask: Mask { head: 1, tail: 2 },
    about: "Sex, year and month of birth, department (2A and 2B in Corsica), commune, sequence, two check digits (97 minus the remainder). Checked: month, check digits. Without check digits \
        it needs a keyword. Mistaken for it: order numbers, IMEI. Reference: INSEE, RNIPP; décret 82-103.",
};

fn nir(site: &Site<'_>) -> Option<Reading> {
    let (_, behind) = site.around(2);
    // Thirteen digits with more behind them are the start of something longer.
    let is_cut = behind.bytes().any(|byte| byte.is_ascii_digit());
    site.code(|code, is_grouped| {
        let month = checksum::number_at(code, 3, 5)?;
        // From 20 on the month was unknown when the number was given.
        if !matches!(month, 1..=12 | 20..=42 | 50..=99) {
            return None;
        }
        let grouped = if is_grouped { 0.7 } else { 0.0 };
        let Some(check) = checksum::number_at(code, 13, 15) else {
            return (!is_cut).then_some(grouped - 0.5);
        };
        let body = match &code[5..7] {
            "2A" => format!("{}19{}", &code[..5], &code[7..13]),
            "2B" => format!("{}18{}", &code[..5], &code[7..13]),
            _ => code[..13].to_owned(),
        };
        // Sexes other than 1 and 2 are of people who are registered for the time being: few.
        let is_usual = code.starts_with(['1', '2']);
        let bits = if is_usual { 1.8 + grouped } else { 1.0 + 0.5 * grouped };
        (97 - checksum::remainder(&body, 97) == check).then_some(bits)
    })
}

/// Tax number of a person (numéro fiscal, SPI).
pub(super) const SPI: Entity = Entity {
    name: "fr-spi",
    trigger: Trigger::Pattern(&[r"[0-3][0-9] ?[0-9]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}"]),
    examine: |site| site.code(|digits, _| spi(digits)),
    mask: Mask { head: 0, tail: 3 },
    about: "Thirteen digits from 0 to 3, the last three the remainder of the first ten by 511. One random number in 1,300 passes; time stamps in milliseconds have this shape, so it needs a \
        keyword. Reference: DGFiP; OECD, tax identification numbers.",
};

fn spi(digits: &str) -> Option<f64> {
    (Some(checksum::remainder(&digits[..10], 511)) == checksum::number_at(digits, 10, 13)).then_some(2.5)
}

/// Company (SIREN) and establishment (SIRET).
pub(super) const SIREN: Entity = Entity {
    name: "fr-siren",
    trigger: Trigger::Pattern(&[r"[0-9]{3}[ .-]?[0-9]{3}[ .-]?[0-9]{3}(?:[ .-]?[0-9]{5})?"]),
    examine: |site| site.code(|digits, _| siren(digits)),
    mask: Mask { head: 3, tail: 3 },
    about: "Nine digits of a company, five more of an establishment, each with a Luhn check digit (establishments of La Poste: digit sum a multiple of five). Public: it stands on every \
        invoice. Recognised beside a keyword so that it is not taken for something else. Reference: INSEE, répertoire SIRENE.",
};

fn siren(digits: &str) -> Option<f64> {
    let (company, establishment) = digits.split_at(9);
    let is_post = company == "356000000" && establishment != "00048";
    let sum: u32 = digits.bytes().map(|byte| u32::from(byte - b'0')).sum();
    let is_valid = match establishment {
        "" => true,
        _ if is_post => sum.is_multiple_of(5),
        _ => checksum::luhn(digits),
    };
    (checksum::luhn(company) && is_valid).then_some(if establishment.is_empty() { 1.0 } else { 2.0 })
}
