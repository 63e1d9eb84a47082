//! United Kingdom and Ireland: National Insurance, NHS, tax, bank account, passport and driving licence numbers; PPS number.
//!
//! Ten plain digits pass the NHS or the tax check one time in eleven, so those rules need a word that names the number.

use super::{Entity, Mask, Reading, Site, Trigger, checksum, stands_alone};
use crate::span::Span;

/// National Insurance number.
pub(super) const NINO: Entity = Entity {
    name: "uk-nino",
    trigger: Trigger::Pattern(&[
        r"[a-ceghj-prstw-z][a-ceghj-nprstw-z][ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[a-d]",
    ]),
    examine: nino,
    mask: Mask { head: 2, tail: 1 },
    about: "Two letters, six digits, suffix A to D; plain or in pairs. No check digit; letters D F I Q U V, a second O and the prefixes BG GB NK KN NT TN ZZ were never issued. In \
        capitals it stands alone, in small letters it needs a keyword. Mistaken for it: part numbers, short hashes. Reference: HMRC NIM39110.",
};

fn nino(site: &Site<'_>) -> Option<Reading> {
    let is_upper = site.is_upper();
    site.code(|code, _| {
        let never_issued = matches!(&code[..2], "BG" | "GB" | "NK" | "KN" | "NT" | "TN" | "ZZ");
        (!never_issued).then_some(if is_upper { 1.6 } else { 1.0 })
    })
}

/// NHS number.
pub(super) const NHS: Entity = Entity {
    name: "uk-nhs",
    trigger: Trigger::Pattern(&[r"[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}"]),
    examine: nhs,
    mask: Mask { head: 0, tail: 3 },
    about: "Ten digits, 3-3-4, weights 10 to 1, modulus 11. One random number in eleven passes, so it needs a keyword. Numbers from 999 are kept for tests and are none. Mistaken for \
        it: phone and order numbers. Reference: NHS Data Dictionary, NHS NUMBER.",
};

fn nhs(site: &Site<'_>) -> Option<Reading> {
    let printed = if site.value.len() > 10 { 0.5 } else { 0.0 };
    site.number(|digits| {
        let is_valid = checksum::weighted(digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11);
        (is_valid && !digits.starts_with("999")).then_some(1.0)
    })
    .map(|reading| Reading { bits: reading.bits + printed, ..reading })
}

/// Unique taxpayer reference.
pub(super) const UTR: Entity = Entity {
    name: "uk-utr",
    trigger: Trigger::Pattern(&[r"k?[0-9]{5} ?[0-9]{5}k?"]),
    examine: |site| site.code(|code, _| utr(code.trim_matches('K'))),
    mask: Mask { head: 0, tail: 3 },
    about: "Ten digits, the first a check digit over the rest (modulus 11), sometimes with K. One random number in nine passes, so it needs a keyword. Mistaken for it: order and phone \
        numbers. Reference: HMRC, Vocalink modulus checking of UTR.",
};

fn utr(digits: &str) -> Option<f64> {
    let (check, body) = digits.split_at_checked(1)?;
    let sum = checksum::weighted(body, &[6, 7, 8, 9, 10, 5, 4, 3, 2]) % 11;
    (b"21987654321"[sum as usize] == check.as_bytes()[0]).then_some(1.0)
}

/// Sort code and account number together.
pub(super) const BANK_ACCOUNT: Entity = Entity {
    name: "uk-bank-account",
    trigger: Trigger::Pattern(&[r"[0-9]{8}", r"[0-9]{4}[ -][0-9]{4}"]),
    examine: bank_account,
    mask: Mask { head: 0, tail: 4 },
    about: "An account number of eight digits with a sort code (12-34-56) within 60 characters before or behind it. Neither has a check digit that can be tested without the banks' \
        tables, so the pair is weak alone and firm beside a keyword; a sort code that could be a date is worth less. Mistaken for it: dates beside numbers. Reference: UK \
        Payments, sort codes.",
};

/// How far a sort code stands from its account number, bytes.
const PAIR: usize = 60;

fn bank_account(site: &Site<'_>) -> Option<Reading> {
    let account = site.code(|_, _| Some(0.0))?;
    let (before, behind) = site.around(PAIR);
    let sort_code = sort_code(before, true).or_else(|| sort_code(behind, false))?;
    let part = |from: usize| sort_code[from..from + 2].parse::<u8>().unwrap_or(0);
    let (first, second, last) = (part(0), part(2), part(4));
    let is_date = checksum::is_date(2000 + u16::from(last), second, first)
        || checksum::is_date(2000 + u16::from(first), second, last);
    let bits = if is_date { 0.5 } else { 1.2 };
    Some(Reading { canonical: format!("{sort_code}{}", account.canonical), bits, ..account })
}

/// The digits of the sort code in `text` that is nearest to its end or start: three pairs, or six digits behind its name.
fn sort_code(text: &str, from_end: bool) -> Option<String> {
    let is_named = text.contains("sort code") || text.contains("sortcode") || text.contains("sort-code");
    let at = |start: usize| {
        let bytes = text.as_bytes();
        let shape = |len: usize, is_pairs: bool| {
            let value = bytes.get(start..start + len)?;
            let sign = value[2];
            let fits = value.iter().enumerate().all(|(index, byte)| match index % 3 {
                2 if is_pairs => *byte == sign && (sign == b'-' || sign == b' ' && is_named),
                _ => byte.is_ascii_digit(),
            });
            (fits && stands_alone(text, Span::new(start, start + len))).then(|| {
                value.iter().filter(|byte| byte.is_ascii_digit()).map(|byte| char::from(*byte)).collect()
            })
        };
        shape(8, true).or_else(|| if is_named { shape(6, false) } else { None })
    };
    if from_end { (0..text.len()).rev().find_map(at) } else { (0..text.len()).find_map(at) }
}

/// Passport number.
pub(super) const PASSPORT: Entity = Entity {
    name: "uk-passport",
    trigger: Trigger::Pattern(&[r"[0-9]{9}"]),
    examine: |site| site.number(|_| Some(0.0)),
    mask: Mask { head: 0, tail: 3 },
    about: "Nine digits, without a check digit outside the machine-readable zone: only a word that names it makes it a finding. Passports of the United States and of others have nine \
        digits too. Mistaken for it: any number of nine digits. Reference: ICAO 9303, HM Passport Office.",
};

/// Driving licence number of Great Britain.
pub(super) const DRIVING_LICENCE: Entity = Entity {
    name: "uk-driving-licence",
    trigger: Trigger::Pattern(&[
        r"[a-z][a-z9]{4} ?[0-9][0156][0-9][0-3][0-9]{2} ?[a-z][a-z9][0-9a-z][a-z]{2}(?:[0-9]{2})?",
        // The letters of the surname stand apart.
        r"[0-9][0156][0-9][0-3][0-9]{2} [a-z][a-z9][0-9a-z][a-z]{2}",
    ]),
    examine: driving_licence,
    mask: Mask { head: 2, tail: 2 },
    about: "Sixteen characters: five of the surname (filled up with 9), decade, month (plus 50 for women), day and last digit of the year of birth, two initials, a digit and two check \
        letters whose computation is not public; an issue number may follow. Checked: filling, month and day. Mistaken for it: product keys. Reference: DVLA INF45.",
};

fn driving_licence(site: &Site<'_>) -> Option<Reading> {
    let is_upper = site.is_upper();
    let bare: String = site.value.chars().filter(char::is_ascii_alphanumeric).collect();
    let (code, span) = if bare.len() < 16 { site.led_by(&[5])? } else { (bare, site.span) };
    let name = code.get(..5)?.trim_end_matches('9');
    let month = checksum::number_at(&code, 6, 8)? % 50;
    let day = checksum::number_at(&code, 8, 10)?;
    let fits = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
    // Which leap year it was the number does not say in full.
    (fits && checksum::is_date(2000, month as u8, day as u8)).then(|| Reading {
        canonical: code.to_ascii_uppercase(),
        bits: if is_upper { 2.5 } else { 1.5 },
        span,
    })
}

/// Personal Public Service number, Ireland.
pub(super) const PPS: Entity = Entity {
    name: "ie-pps",
    trigger: Trigger::Pattern(&[r"[0-9]{7}[ -]?[a-w][abhwtx]?"]),
    examine: |site| site.code(|code, _| pps(code)),
    mask: Mask { head: 0, tail: 2 },
    about: "Seven digits, a check letter (modulus 23) and since 2013 a second letter that counts. One random value in 23 passes, so it needs a keyword. Mistaken for it: part \
        numbers; Irish VAT numbers, which are computed alike and carry IE. Reference: Social Welfare Consolidation Act 2005, Revenue's tax number note.",
};

/// What an Irish number of seven digits and letters is worth.
pub(super) fn pps(code: &str) -> Option<f64> {
    checksum::irish(code).then_some(1.3)
}
