//! Canada and Latin America: numbers of persons and of taxpayers.

use super::{Entity, Mask, Reading, Site, Trigger, checksum, is_filler};
use crate::span::Span;

/// Canada: social insurance number.
pub(super) const CA_SIN: Entity = Entity {
    name: "ca-sin",
    trigger: Trigger::Pattern(&[r"[1-79][0-9]{2}[ -]?[0-9]{3}[ -]?[0-9]{3}"]),
    examine: |site| site.number(|digits| checksum::luhn(digits).then_some(1.0)),
    mask: Mask { head: 0, tail: 3 },
    about: "Nine digits, 3-3-3, with a Luhn check digit; none begins with 0 or 8. One random number in ten passes, so it needs a keyword. Mistaken for it: order numbers, French SIREN. \
        Reference: Service Canada.",
};

/// Brazil: tax number of persons.
pub(super) const BR_CPF: Entity = Entity {
    name: "br-cpf",
    trigger: Trigger::Pattern(&[r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}", r"[0-9]{9}-?[0-9]{2}"]),
    examine: cpf,
    mask: Mask { head: 3, tail: 2 },
    about: "Eleven digits, 3.3.3-2, the last two check digits (MOD 11). One random number in a hundred passes, so without dots it needs a keyword. Mistaken for it: mobile and order \
        numbers. Reference: Receita Federal, IN RFB 2172/2024.",
};

fn cpf(site: &Site<'_>) -> Option<Reading> {
    let digits: String = site.value.chars().filter(char::is_ascii_digit).collect();
    let check = |len: usize| {
        let weights: Vec<u32> = (2..=len as u32 + 1).rev().collect();
        (11 - checksum::weighted(&digits[..len], &weights) % 11) % 11 % 10
    };
    let is_checked = (Some(check(9)), Some(check(10)))
        == (checksum::number_at(&digits, 9, 10), checksum::number_at(&digits, 10, 11));
    if !is_checked || is_filler(&digits) {
        return None;
    }
    let bits = if site.value.contains('.') {
        2.7
    } else if matches!(&digits[..2], "13" | "14" | "15" | "16" | "17" | "18" | "19") {
        // Eleven digits that begin so are mobile numbers in China.
        0.85
    } else {
        1.0
    };
    Some(Reading { canonical: digits, bits, span: site.span })
}

/// Brazil: tax number of companies.
pub(super) const BR_CNPJ: Entity = Entity {
    name: "br-cnpj",
    trigger: Trigger::Pattern(&[
        r"[0-9a-z]{2}\.[0-9a-z]{3}\.[0-9a-z]{3}/[0-9a-z]{4}-[0-9]{2}",
        r"[0-9a-z]{12}[0-9]{2}",
    ]),
    examine: cnpj,
    mask: Mask { head: 8, tail: 2 },
    about: "Fourteen digits (letters too from July 2026), 2.3.3/4-2, the last two check digits (MOD 11). Public. One random number in a hundred passes, so plain it needs a keyword. \
        Reference: Receita Federal, IN RFB 2229/2024.",
};

fn cnpj(site: &Site<'_>) -> Option<Reading> {
    let number: String =
        site.value.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    let check = |len: usize| {
        let sum: u32 = number[..len]
            .bytes()
            .rev()
            .zip((2..=9).cycle())
            .map(|(byte, weight)| u32::from(byte - b'0') * weight)
            .sum();
        (11 - sum % 11) % 11 % 10
    };
    let is_checked = (Some(check(12)), Some(check(13)))
        == (checksum::number_at(&number, 12, 13), checksum::number_at(&number, 13, 14));
    if !is_checked || number.starts_with("000000000000") || is_filler(&number) {
        return None;
    }
    let bits = if site.value.contains('/') { 2.7 } else { 0.8 };
    Some(Reading { canonical: number, bits, span: site.span })
}

/// Mexico: population register code.
pub(super) const MX_CURP: Entity = Entity {
    name: "mx-curp",
    trigger: Trigger::Pattern(&[r"[a-z]{4}[0-9]{6}[hmx][a-z]{5}[0-9a-z][0-9]"]),
    examine: curp,
    mask: Mask { head: 4, tail: 2 },
    about: "Eighteen characters: letters of the name, date of birth, sex, state, consonants of the name, one to tell people apart, check digit. Nothing else has this form. Reference: \
        RENAPO, Instructivo normativo para la asignación de la CURP.",
};

/// States of birth, and NE for abroad.
const MX_STATES: &str =
    "AS BC BS CC CH CL CM CS DF DG GR GT HG JC MC MN MS NE NL NT OC PL QR QT SL SP SR TC TL TS VZ YN ZS";
/// Place of a character is its value.
const MX_ALPHABET: &str = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ";

fn curp(site: &Site<'_>) -> Option<Reading> {
    let number = site.value.to_ascii_uppercase();
    let sum: usize = number
        .chars()
        .take(17)
        .enumerate()
        .map(|(index, c)| MX_ALPHABET.find(c).map(|value| value * (18 - index)))
        .sum::<Option<usize>>()?;
    let is_checked = (10 - sum % 10) % 10 == checksum::number_at(&number, 17, 18)? as usize;
    let is_placed = MX_STATES.split(' ').any(|state| state == &number[11..13]);
    let is_valid = is_checked && is_placed && checksum::begins_with_yymmdd(&number[4..]);
    is_valid.then_some(Reading { canonical: number, bits: 4.5, span: site.span })
}

/// Mexico: tax number.
pub(super) const MX_RFC: Entity = Entity {
    name: "mx-rfc",
    trigger: Trigger::Pattern(&[r"[a-z&]{3,4}[ -]?[0-9]{6}[ -]?[0-9a-v][0-9a-z][0-9a]"]),
    examine: rfc,
    mask: Mask { head: 4, tail: 1 },
    about: "Letters of the name (four of a person, three of a company), date of birth or founding, three characters of which the last is a check digit (MOD 11) that not every issued \
        number keeps to. Public for companies. Mistaken for it: part numbers, so it needs a keyword. Reference: SAT, clave del RFC.",
};

fn rfc(site: &Site<'_>) -> Option<Reading> {
    let number: String =
        site.value.chars().filter(|c| !matches!(c, ' ' | '-')).collect::<String>().to_ascii_uppercase();
    let body = number.len().checked_sub(9)?;
    if !checksum::begins_with_yymmdd(&number[body..]) {
        return None;
    }
    let sum: usize = number[..number.len() - 1]
        .chars()
        .rev()
        .enumerate()
        .map(|(index, c)| MX_ALPHABET.find(c).map(|value| value * (index + 2)))
        .sum::<Option<usize>>()?
        // A company's number is filled up with a space before it, which counts 37.
        + if body == 3 { 37 * 13 } else { 0 };
    let want = (11 - sum % 11) % 11;
    let is_checked = MX_ALPHABET.find(&number[number.len() - 1..]) == Some(want);
    let bits = if is_checked { 2.0 } else { 0.5 };
    Some(Reading { canonical: number, bits, span: site.span })
}

/// Chile: number of persons and taxpayers.
pub(super) const CL_RUT: Entity = Entity {
    name: "cl-rut",
    trigger: Trigger::Pattern(&[r"[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}-[0-9k]", r"[0-9]{7,8}-?[0-9k]"]),
    examine: rut,
    mask: Mask { head: 2, tail: 1 },
    about: "Seven or eight digits and a check character 0-9 or K (MOD 11), 2.3.3-1. One random number in eleven passes, so it needs a keyword. Reference: Servicio de Registro Civil.",
};

fn rut(site: &Site<'_>) -> Option<Reading> {
    let number: String =
        site.value.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    // Without its check character it is another number, which may pass by chance.
    if !site.value.contains('-') && site.text.folded[site.span.end..].starts_with('-') {
        return None;
    }
    let (body, check) = number.split_at(number.len() - 1);
    let sum: u32 =
        body.bytes().rev().zip((2..=7).cycle()).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    let want = match 11 - sum % 11 {
        11 => '0',
        10 => 'K',
        digit => char::from(b'0' + digit as u8),
    };
    if !check.starts_with(want) || is_filler(&number) {
        return None;
    }
    let bits = if site.value.contains('-') { 1.5 } else { 1.0 };
    Some(Reading { canonical: number, bits, span: site.span })
}

/// The same behind the word RUN, which is a word of English too.
pub(super) const CL_RUN: Entity = Entity {
    name: "cl-run",
    trigger: Trigger::Pattern(&[r"run (?:[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}|[0-9]{7,8})-[0-9k]"]),
    examine: |site| {
        let word = "run ";
        let value = site.value.strip_prefix(word)?;
        let span = Span::new(site.span.start + word.len(), site.span.end);
        let reading = rut(&Site { value, span, ..*site })?;
        Some(Reading { bits: reading.bits + 0.7, ..reading })
    },
    mask: Mask { head: 2, tail: 1 },
    about: "The number of a RUT behind `RUN`, with its hyphen; the form of number and word together is rare. Reference: Servicio de Registro Civil.",
};

/// Argentina: tax number.
pub(super) const AR_CUIT: Entity = Entity {
    name: "ar-cuit",
    trigger: Trigger::Pattern(&[r"(?:2[0347]|3[034]|5[015])[ -]?[0-9]{8}[ -]?[0-9]"]),
    examine: |site| {
        site.number(|digits| {
            let want = match 11 - checksum::weighted(digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11 {
                11 => 0,
                10 => 9,
                digit => digit,
            };
            (checksum::number_at(digits, 10, 11) == Some(want)).then_some(1.5)
        })
    },
    mask: Mask { head: 2, tail: 1 },
    about: "Eleven digits, 2-8-1: kind, the DNI of a person or a number of a company, check digit (MOD 11). Public for companies. Mistaken for it: order numbers, so it needs a keyword. \
        Reference: AFIP, RG 10/97.",
};

/// Argentina and Peru: national identity document.
pub(super) const AR_DNI: Entity = Entity {
    name: "ar-dni",
    trigger: Trigger::Pattern(&[r"[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}", r"[0-9]{8}"]),
    examine: dni,
    mask: Mask { head: 2, tail: 2 },
    about: "Seven or eight digits, with dots in Argentina, without in Peru; no check digit. Mistaken for it: amounts and any eight digits, so it needs a keyword; the Spanish DNI, which has a \
        letter behind. Reference: RENAPER, RENIEC.",
};

fn dni(site: &Site<'_>) -> Option<Reading> {
    // A single letter behind makes it a Spanish number, and a wrong one if that has not found it; a digit a Peruvian check digit or another number.
    let rest = site.text.folded[site.span.end..].trim_start_matches([' ', '-']);
    let mut next = rest.bytes();
    let is_lettered = next.next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && !next.next().is_some_and(|byte| byte.is_ascii_alphabetic());
    let digits: String = site.value.chars().filter(char::is_ascii_digit).collect();
    if is_lettered || is_filler(&digits) {
        return None;
    }
    let bits = if site.value.contains('.') { 0.3 } else { -0.2 };
    Some(Reading { canonical: digits, bits, span: site.span })
}

/// Colombia: tax number.
pub(super) const CO_NIT: Entity = Entity {
    name: "co-nit",
    trigger: Trigger::Pattern(&[r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]", r"[0-9]{9}-?[0-9]"]),
    examine: |site| {
        let digits: String = site.value.chars().filter(char::is_ascii_digit).collect();
        let reversed: String = digits[..9].chars().rev().collect();
        let sum = checksum::weighted(&reversed, &[3, 7, 13, 17, 19, 23, 29, 37, 41]) % 11;
        let want = if sum < 2 { sum } else { 11 - sum };
        (checksum::number_at(&digits, 9, 10) == Some(want)).then_some(Reading {
            canonical: digits,
            bits: 1.0,
            span: site.span,
        })
    },
    mask: Mask { head: 3, tail: 1 },
    about: "Nine digits and a check digit (MOD 11 by primes), 3.3.3-1. Public for companies; of persons it is the cédula with a check digit. One random number in eleven passes, so it \
        needs a keyword. Reference: DIAN, Orden Administrativa 4 de 1989.",
};

/// Colombia: identity card.
pub(super) const CO_CEDULA: Entity = Entity {
    name: "co-cedula",
    trigger: Trigger::Pattern(&[
        r"1\.[0-9]{3}\.[0-9]{3}\.[0-9]{3}",
        r"[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}",
        r"1[01][0-9]{8}",
        r"[1-9][0-9]{6,7}",
    ]),
    examine: |site| {
        let digits: String = site.value.chars().filter(char::is_ascii_digit).collect();
        let bits = if site.value.contains('.') { 0.3 } else { -0.4 };
        (!is_filler(&digits)).then_some(Reading { canonical: digits, bits, span: site.span })
    },
    mask: Mask { head: 2, tail: 2 },
    about: "Six to eight digits, or ten from 10 or 11; no check digit. Mistaken for it: amounts and any such number, so it needs a keyword. Reference: Registraduría Nacional.",
};

/// Ecuador: identity card.
pub(super) const EC_CEDULA: Entity = Entity {
    name: "ec-cedula",
    trigger: Trigger::Pattern(&[r"(?:[01][0-9]|2[0-4]|30|50)[0-6][0-9]{6}-?[0-9]"]),
    examine: |site| {
        site.number(|digits| {
            // Luhn from the other end: with ten digits the first is doubled.
            (checksum::luhn(digits) && !digits.starts_with("00")).then_some(1.3)
        })
    },
    mask: Mask { head: 2, tail: 1 },
    about: "Ten digits: province 01-24 or 30, a third digit up to 6, Luhn check digit. One random number in fifty passes, so it needs a keyword. Reference: Registro Civil del Ecuador.",
};

/// Peru: tax number.
pub(super) const PE_RUC: Entity = Entity {
    name: "pe-ruc",
    trigger: Trigger::Pattern(&[r"(?:10|15|17|20)[0-9]{9}"]),
    examine: |site| {
        site.number(|digits| {
            let want = (11 - checksum::weighted(digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 10;
            (checksum::number_at(digits, 10, 11) == Some(want)).then_some(1.3)
        })
    },
    mask: Mask { head: 2, tail: 1 },
    about: "Eleven digits from 10, 15, 17 (persons) or 20 (companies) with a check digit (MOD 11). Public for companies. Mistaken for it: order and mobile numbers, so it needs a keyword. \
        Reference: SUNAT.",
};
