//! VAT numbers of the European Union, Northern Ireland and Great Britain, with their country code.
//!
//! They are public: known, they are not taken for something private. Numbers that are those of people (Spain's DNI, Greek and Portuguese tax numbers of people) are left
//! to the rules for these.

use super::{Entity, Mask, Trigger, britain, checksum, iberia, italy};

/// VAT number with country code.
pub(super) const EU_VAT: Entity = Entity {
    name: "eu-vat",
    trigger: Trigger::Pattern(&[
        r"(?:de|dk|ee|el|fi|gb|hu|it|lt|lu|mt|pl|pt|sk|si|xi|bg|cz)[ -]?[0-9]{2,3}(?:[ .]?[0-9]{2,4}){2,3}",
        r"be[ -]?[01]?[0-9]{3}[ .]?[0-9]{3}[ .]?[0-9]{3}",
        r"it[ -]?[0-9]{11}",
        r"at[ -]?u ?[0-9]{8}",
        r"cy[ -]?[0-9]{8}[a-z]",
        r"es[ -]?[a-hjnp-suvw][ -]?[0-9]{7}[ -]?[0-9a-j]",
        r"fr[ -]?[0-9a-hj-np-z]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}",
        r"ie[ -]?[0-9]{7}[a-w][a-i]?",
        r"nl[ -]?[0-9]{9} ?b ?[0-9]{2}",
        r"se[ -]?[0-9]{6}[ -]?[0-9]{4} ?01",
    ]),
    examine: |site| site.code(|code, is_grouped| vat(code).then_some(if is_grouped { 1.2 } else { 1.8 })),
    mask: Mask { head: 4, tail: 3 },
    about: "Country code and the national number, with the country's check digits. Public: it stands on every invoice and can be looked up. Reference: Directive 2006/112/EC 215, VIES.",
};

/// Numbers of digits alone that one weighted sum checks: country, weights, modulus; the sum is a multiple of it.
const WEIGHTED: &[(&str, &[u32], u32)] = &[
    ("DK", &[2, 7, 6, 5, 4, 3, 2, 1], 11),
    ("EE", &[3, 7, 1, 3, 7, 1, 3, 7, 1], 10),
    ("FI", &[7, 9, 10, 5, 8, 4, 2, 1], 11),
    ("HU", &[9, 7, 3, 1, 9, 7, 3, 1], 10),
    ("MT", &[3, 4, 6, 7, 8, 9, 10, 1], 37),
    // Minus one is plus ten.
    ("PL", &[6, 5, 7, 2, 3, 4, 5, 6, 7, 10], 11),
];

/// Whether an upper-case VAT number with its country code is one.
fn vat(code: &str) -> bool {
    let (country, number) = code.split_at(2);
    let digit = |at: usize| u32::from(number.as_bytes()[at] - b'0');
    if let Some((_, weights, modulus)) = WEIGHTED.iter().find(|(of, ..)| *of == country) {
        // Those of Denmark and Malta never begin with zero.
        let is_issued = !matches!((country, digit(0)), ("DK" | "MT", 0));
        return is_issued
            && number.len() == weights.len()
            && checksum::weighted(number, weights).is_multiple_of(*modulus);
    }
    match (country, number.len()) {
        // Luhn, with a constant in place of the prefix.
        ("AT", 9) => {
            let doubled = (2..7).step_by(2).map(|at| digit(at) * 2).map(|twice| twice / 10 + twice % 10);
            let plain = (1..8).step_by(2).map(digit);
            (doubled.sum::<u32>() + plain.sum::<u32>() + digit(8)) % 10 == 6
        }
        ("BE", 9 | 10) => {
            let of = |from, to| checksum::number_at(number, from, to).unwrap_or(0);
            let (body, check) = (of(0, number.len() - 2), of(number.len() - 2, number.len()));
            body > 0 && (body + check).is_multiple_of(97)
        }
        ("BG", 9) => check_of_two(number, &[1, 2, 3, 4, 5, 6, 7, 8], &[3, 4, 5, 6, 7, 8, 9, 10]),
        ("LT", 9) => {
            check_of_two(number, &[1, 2, 3, 4, 5, 6, 7, 8], &[3, 4, 5, 6, 7, 8, 9, 1]) && digit(7) == 1
        }
        ("CY", 9) => italy::cyprus_tic(number).is_some(),
        ("CZ", 8) => {
            let sum = checksum::weighted(number, &[8, 7, 6, 5, 4, 3, 2]) % 11;
            digit(0) != 9 && (11 - sum) % 10 == digit(7)
        }
        ("DE", 9) => digit(0) != 0 && checksum::mod_11_10(number),
        ("EL", 9) => italy::afm(number).is_some_and(|(_, is_person)| !is_person),
        ("ES", 9) => iberia::cif(number).is_some(),
        ("FR", 11) => french(number),
        ("GB" | "XI", 9) => {
            let sum = checksum::weighted(number, &[8, 7, 6, 5, 4, 3, 2, 10, 1]) % 97;
            sum == 0 || (digit(0) > 0 && matches!(sum, 42 | 55))
        }
        ("IE", 8 | 9) => britain::pps(number).is_some(),
        ("IT", 11) => italy::partita_iva(number).is_some(),
        ("LU", 8) => checksum::number_at(number, 0, 6).map(|n| n % 89) == checksum::number_at(number, 6, 8),
        ("NL", 12) => dutch(code, number),
        ("PT", 9) => iberia::nif(number).is_some_and(|(_, is_person)| !is_person),
        ("SE", 12) => checksum::luhn(&number[..10]),
        ("SI", 8) => {
            let check = 11 - checksum::weighted(number, &[8, 7, 6, 5, 4, 3, 2]) % 11;
            digit(0) != 0 && check != 11 && check % 10 == digit(7)
        }
        ("SK", 10) => {
            digit(0) != 0 && matches!(digit(2), 2..=4 | 7..=9) && checksum::remainder(number, 11) == 0
        }
        _ => false,
    }
}

/// Modulus 11, with other weights where the remainder is ten.
fn check_of_two(number: &str, first: &[u32], second: &[u32]) -> bool {
    let check = match checksum::weighted(number, first) % 11 {
        10 => checksum::weighted(number, second) % 11 % 10,
        check => check,
    };
    number.bytes().last().is_some_and(|digit| u32::from(digit - b'0') == check)
}

/// Two check digits or letters before a SIREN, which those of Monaco are not.
fn french(number: &str) -> bool {
    let (check, company) = number.split_at(2);
    if !company.starts_with("000") && !checksum::luhn(company) {
        return false;
    }
    if let Ok(check) = check.parse::<u32>() {
        return checksum::remainder(&format!("{company}12"), 97) == check;
    }
    // The newer form counts in digits and letters without I and O.
    let value = |index: usize| {
        "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ".find(char::from(check.as_bytes()[index])).unwrap_or(0) as u32
    };
    let sum = if value(0) < 10 { value(0) * 24 + value(1) - 10 } else { value(0) * 34 + value(1) - 100 };
    (checksum::remainder(company, 11) + 1 + sum / 11) % 11 == sum % 11
}

/// Nine digits of modulus 11, or MOD 97-10 over the whole for those who are not companies.
fn dutch(code: &str, number: &str) -> bool {
    let (company, rest) = number.split_at(9);
    let old = checksum::weighted(company, &[9, 8, 7, 6, 5, 4, 3, 2, 10]).is_multiple_of(11);
    let digits: String = code.chars().filter_map(|c| c.to_digit(36)).map(|value| value.to_string()).collect();
    rest != "B00" && (old || checksum::remainder(&digits, 97) == 1)
}
