//! United States: social security, tax, passport and driver licence numbers, routing and account numbers, and the numbers of health care.

use super::{
    Entity, Mask, Reading, Site, Trigger, checksum, digits_of, is_filler,
    label::{ends, run},
};
use crate::span::Span;

/// Social security number.
pub(super) const SSN: Entity = Entity {
    name: "us-ssn",
    trigger: Trigger::Pattern(&[r"[0-9]{3}[ -][0-9]{2}[ -][0-9]{4}", r"[0-9]{9}"]),
    examine: ssn,
    mask: Mask { head: 0, tail: 4 },
    about: "Nine digits, 3-2-4. No check digit; area 000, 666 and 900-999, group 00 and serial 0000 were never issued. With hyphens it is weak evidence alone and firm beside a \
        keyword; without, it needs one. Mistaken for it: order numbers, ZIP+4, phone and ICQ numbers. Reference: SSA, randomisation of 2011.",
};

fn ssn(site: &Site<'_>) -> Option<Reading> {
    let value = site.value;
    let digits = digits_of(value)?;
    let (area, group, serial) = (&digits[..3], &digits[3..5], &digits[5..]);
    let never_issued =
        matches!(area, "000" | "666") || area.starts_with('9') || group == "00" || serial == "0000";
    if never_issued || is_filler(&digits) {
        return None;
    }
    let bits = if value.contains('-') {
        1.4
    } else if value.contains(' ') {
        1.2
    } else {
        -0.5
    };
    Some(Reading { canonical: digits, bits, span: site.span })
}

/// Individual taxpayer identification number.
pub(super) const ITIN: Entity = Entity {
    name: "us-itin",
    trigger: Trigger::Pattern(&[r"9[0-9]{2}[ -][0-9]{2}[ -][0-9]{4}", r"9[0-9]{8}"]),
    examine: itin,
    mask: Mask { head: 0, tail: 4 },
    about: "Nine digits, 3-2-4, from 9, with 50-65, 70-88, 90-92 or 94-99 in the middle; no check digit. With hyphens the form says much; without, it needs a keyword. Mistaken for \
        it: order numbers, ZIP+4. Reference: IRS, Internal Revenue Manual 3.21.263.",
};

fn itin(site: &Site<'_>) -> Option<Reading> {
    let is_group = |group| matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99);
    let reading = site.number(|_| Some(-0.5))?;
    is_group(checksum::number_at(&reading.canonical, 3, 5)?).then_some(())?;
    let bits = if site.value.contains('-') { 1.5 } else { reading.bits };
    Some(Reading { bits, ..reading })
}

/// Employer identification number.
pub(super) const EIN: Entity = Entity {
    name: "us-ein",
    trigger: Trigger::Pattern(&[r"[0-9]{2}-?[0-9]{7}"]),
    examine: |site| {
        site.number(|digits| {
            let prefix = checksum::number_at(digits, 0, 2)?;
            (!NO_EIN.contains(&prefix)).then_some(-0.5)
        })
        .map(|reading| Reading { bits: if site.value.contains('-') { 0.2 } else { reading.bits }, ..reading })
    },
    mask: Mask { head: 2, tail: 2 },
    about: "Nine digits, 2-7, by the prefixes of the IRS's campuses; no check digit. The number of a company, on every W-2 and W-9 that it sends. Mistaken for it: any nine digits, so \
        it needs a keyword. Reference: IRS, valid EIN prefixes.",
};

/// Prefixes that no campus issues.
const NO_EIN: &[u32] = &[0, 7, 8, 9, 17, 18, 19, 28, 29, 49, 69, 70, 78, 79, 89, 96, 97];

/// Passport number.
pub(super) const PASSPORT: Entity = Entity {
    name: "us-passport",
    trigger: Trigger::Pattern(&[r"[0-9]{9}", r"[a-z][0-9]{8}"]),
    examine: |site| {
        // Chinese passports and permits have letters of their own.
        if site.value.starts_with(['c', 'd', 'e', 'g', 'h', 'k', 'm', 'p', 's']) {
            return None;
        }
        site.number(|_| Some(-0.5))
    },
    mask: Mask { head: 1, tail: 2 },
    about: "Nine digits, or a letter and eight digits since 2021; no check digit outside the machine-readable zone. Mistaken for it: any nine digits, so it needs a keyword. \
        Reference: Department of State, next generation passport.",
};

/// Driver licence number.
pub(super) const DRIVER_LICENCE: Entity = Entity {
    name: "us-driver-licence",
    trigger: Trigger::Literal(|| strings(LICENCE_LABELS)),
    examine: driver_licence,
    mask: Mask { head: 1, tail: 2 },
    about: "By the state: 7 to 12 digits, or one to three letters and 3 to 14 digits, some in groups; no check digit that is public. Only read directly behind its name. Mistaken for it: \
        anything, without that name. Reference: AAMVA, formats by state.",
};

const LICENCE_LABELS: &[&str] = &[
    "driver license",
    "driver licence",
    "drivers license",
    "drivers licence",
    "driver's license",
    "driver's licence",
    "drivers' license",
    "driving license",
    "driver lic",
    "drivers lic",
    "dl",
    "dln",
    "dl#",
    "d.l.",
    "operator license",
];

/// A label is a word of the automaton.
fn strings(labels: &[&str]) -> Vec<String> {
    labels.iter().map(|label| (*label).to_owned()).collect()
}

/// Codes and names of states that stand between the label and the number.
const STATES: &[&str] = &[
    "al",
    "ak",
    "az",
    "ar",
    "ca",
    "co",
    "ct",
    "de",
    "dc",
    "fl",
    "ga",
    "hi",
    "ia",
    "il",
    "ks",
    "ky",
    "la",
    "md",
    "ma",
    "mi",
    "mn",
    "ms",
    "mo",
    "mt",
    "ne",
    "nv",
    "nh",
    "nj",
    "nm",
    "ny",
    "nc",
    "nd",
    "oh",
    "ok",
    "pa",
    "ri",
    "sc",
    "sd",
    "tn",
    "tx",
    "ut",
    "vt",
    "va",
    "wa",
    "wv",
    "wi",
    "wy",
    "california",
    "texas",
    "florida",
    "york",
    "new",
    "illinois",
    "pennsylvania",
    "ohio",
    "georgia",
    "washington",
    "michigan",
    "jersey",
    "virginia",
    "arizona",
    "massachusetts",
    "colorado",
    "nevada",
    "oregon",
];

fn driver_licence(site: &Site<'_>) -> Option<Reading> {
    let (at, rest) = site.labelled(STATES)?;
    let len = run(rest, |byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let value = rest[..len].trim_end_matches('-');
    let canonical: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
    let letters = canonical.bytes().take_while(u8::is_ascii_alphabetic).count();
    let digits = canonical[letters..].bytes().filter(u8::is_ascii_digit).count();
    let groups = value.split('-').count();
    let is_form = match letters {
        0 => (7..=12).contains(&digits) && (groups == 1 || (groups == 3 && digits >= 9)),
        1 => (6..=14).contains(&digits),
        2 | 3 => (3..=10).contains(&digits) && canonical.len() >= 6,
        _ => false,
    };
    // `dl` alone is also a file to fetch, a decilitre, a deadline.
    let is_short = site.span.len() <= 4;
    if !is_form || letters + digits != canonical.len() || !ends(rest, value.len()) || is_filler(&canonical) {
        return None;
    }
    let bits = if is_short { -0.6 } else { 0.0 };
    Some(Reading { canonical: canonical.to_ascii_uppercase(), bits, span: Span::new(at, at + value.len()) })
}

/// ABA routing transit number.
pub(super) const ROUTING: Entity = Entity {
    name: "us-routing",
    trigger: Trigger::Pattern(&[r"[0-9]{4}-?[0-9]{4}-?[0-9]"]),
    examine: |site| {
        site.number(|digits| {
            let is_issued = matches!(checksum::number_at(digits, 0, 2)?, 0..=12 | 21..=32 | 61..=72 | 80);
            let sum = checksum::weighted(digits, &[3, 7, 1, 3, 7, 1, 3, 7, 1]);
            (is_issued && sum.is_multiple_of(10)).then_some(0.9)
        })
    },
    mask: Mask { head: 4, tail: 1 },
    about: "Nine digits by the Federal Reserve's districts, weights 3-7-1 to a multiple of ten. Public, but beside an account number enough to draw on it. One random number in ten \
        passes, so it needs a keyword. Reference: American Bankers Association, routing number policy.",
};

/// Bank account number.
pub(super) const ACCOUNT: Entity = Entity {
    name: "us-account",
    trigger: Trigger::Literal(|| {
        strings(&[
            "account number",
            "account no",
            "account #",
            "account num",
            "acct number",
            "acct no",
            "acct #",
            "acct.",
            "acct",
            "a/c no",
            "a/c number",
            "checking account",
            "savings account",
            "bank account",
            "direct deposit",
        ])
    }),
    examine: account,
    mask: Mask { head: 0, tail: 4 },
    about: "6 to 17 digits directly behind `account number` or the like; no public form or check digit. Mistaken for it: accounts with shops and utilities. Reference: none; NACHA allows \
        17 characters.",
};

fn account(site: &Site<'_>) -> Option<Reading> {
    let (at, rest) = site.labelled(&["bank", "ending"])?;
    let len = run(rest, |byte| byte.is_ascii_digit());
    let is_date = len == 8 && (rest.starts_with("19") || rest.starts_with("20"));
    if !(6..=17).contains(&len) || !ends(rest, len) || is_date || is_filler(&rest[..len]) {
        return None;
    }
    Some(Reading { canonical: rest[..len].to_owned(), bits: -0.5, span: Span::new(at, at + len) })
}

/// Medicare beneficiary identifier.
pub(super) const MBI: Entity = Entity {
    name: "us-mbi",
    trigger: Trigger::Pattern(&[
        r"[1-9][ac-hjkmnp-rt-y][0-9ac-hjkmnp-rt-y][0-9]-?[ac-hjkmnp-rt-y][0-9ac-hjkmnp-rt-y][0-9]-?[ac-hjkmnp-rt-y]{2}[0-9]{2}",
    ]),
    examine: |site| {
        site.number(|_| Some(1.0)).map(|reading| Reading {
            bits: if site.value.contains('-') { 2.0 } else { reading.bits },
            ..reading
        })
    },
    mask: Mask { head: 1, tail: 2 },
    about: "Eleven characters, digits and letters in fixed places, without S, L, O, I, B and Z; 4-3-4 with hyphens on the card. No check digit. Mistaken for it: part and licence keys. \
        Reference: CMS, Understanding the MBI format.",
};

/// National provider identifier.
pub(super) const NPI: Entity = Entity {
    name: "us-npi",
    trigger: Trigger::Pattern(&[r"[12][0-9]{9}"]),
    examine: |site| {
        let digits = site.value;
        // The check digit covers the prefix of health numbers of the United States.
        (checksum::luhn(&format!("80840{digits}")) && digits != "1234567890").then(|| Reading {
            canonical: digits.to_owned(),
            bits: 1.0,
            span: site.span,
        })
    },
    mask: Mask { head: 2, tail: 2 },
    about: "Ten digits from 1 or 2 with a Luhn check digit over 80840 and the number. Listed publicly for every doctor and hospital. Mistaken for it: phone numbers and any ten digits, so \
        it needs a keyword. Reference: 45 CFR 162.406.",
};

/// DEA registration number.
pub(super) const DEA: Entity = Entity {
    name: "us-dea",
    trigger: Trigger::Pattern(&[r"[abcdefghjklmprstux][a-z9]-?[0-9]{7}"]),
    examine: |site| {
        let (_, digits) = site.value.split_at_checked(2)?;
        let digits = digits.trim_start_matches('-');
        let sum = checksum::weighted(digits, &[1, 2, 1, 2, 1, 2]);
        (sum % 10 == checksum::number_at(digits, 6, 7)?).then(|| Reading {
            canonical: site.value.replace('-', "").to_ascii_uppercase(),
            bits: 1.0,
            span: site.span,
        })
    },
    mask: Mask { head: 2, tail: 2 },
    about: "Two letters (kind of registrant, name) and seven digits, of which the last checks the others. With it controlled drugs are ordered. Mistaken for it: part numbers, so it needs \
        a keyword. Reference: 21 CFR 1301; DEA Diversion Control.",
};
