//! Singapore, Malaysia, Indonesia, Thailand and Vietnam: identity numbers, and the Vietnamese tax number.

use super::{
    Entity, Mask, Trigger,
    checksum::{begins_with_yymmdd, exists, number_at, weighted},
};

/// Singapore NRIC and FIN.
pub(super) const NRIC: Entity = Entity {
    name: "sg-nric",
    trigger: Trigger::Pattern(&[r"[stfgm]-?[0-9]{7}-?[a-z]"]),
    examine: |site| site.number(nric),
    mask: Mask { head: 1, tail: 4 },
    about: "S or T (citizens, permanent residents), F, G or M (others), seven digits and a check letter (modulo 11, a table for each series; M since 2022). One in 26 of such shape \
        passes. Mistaken for it: part numbers, flights. Reference: Immigration and Checkpoints Authority.",
};

fn nric(number: &str) -> Option<f64> {
    let (offset, letters) = match number.as_bytes().first()? {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        b'M' => (3, b"XWUTRQPNJLK"),
        _ => return None,
    };
    let sum = offset + weighted(number.get(1..8)?, &[2, 7, 6, 5, 4, 3, 2]);
    (letters.get(sum as usize % 11) == number.as_bytes().get(8)).then_some(2.1)
}

/// Malaysian NRIC.
pub(super) const MYKAD: Entity = Entity {
    name: "my-nric",
    trigger: Trigger::Pattern(&[r"[0-9]{6}[ -]?[0-9]{2}[ -]?[0-9]{4}"]),
    examine: |site| site.grouped(0.7, mykad),
    mask: Mask { head: 0, tail: 4 },
    about: "MyKad: yymmdd, two digits of place of birth, four of sequence; no check digit. One random number in 30 passes, so it needs a word. Mistaken for it: time stamps. \
        Reference: Jabatan Pendaftaran Negara, codes of states and countries as of python-stdnum 2.2.",
};

fn mykad(digits: &str) -> Option<f64> {
    let is_place = matches!(
        number_at(digits, 6, 8)?,
        1..=16 | 21..=68 | 71 | 72 | 74..=79 | 82..=93 | 98 | 99
    );
    (is_place && begins_with_yymmdd(digits)).then_some(1.3)
}

/// Indonesian NIK.
pub(super) const NIK: Entity = Entity {
    name: "id-nik",
    trigger: Trigger::Pattern(&[r"[1-9][0-9]{5}[ .-]?[0-9]{6}[ .-]?[0-9]{4}"]),
    examine: |site| site.number(nik),
    mask: Mask { head: 0, tail: 4 },
    about: "Nomor induk kependudukan: province, city or regency, district, ddmmyy of birth with 40 added to the day for women, four of sequence; no check digit. One random number in \
        30 passes, so it needs a word. Districts are not checked: they change. Mistaken for it: card numbers. Reference: Undang-Undang 24/2013; provinces as of 2022.",
};

fn nik(digits: &str) -> Option<f64> {
    let of = |from, to| number_at(digits, from, to);
    let is_province =
        matches!(of(0, 2)?, 11..=19 | 21 | 31..=36 | 51..=53 | 61..=65 | 71..=76 | 81 | 82 | 91..=97);
    // Regencies count from 1, cities from 71.
    let is_place = is_province && matches!(of(2, 4)?, 1..=39 | 71..=79) && of(4, 6)? > 0;
    let day = match of(6, 8)? {
        day @ 41.. => day - 40,
        day => day,
    };
    let is_dated = [1900, 2000].iter().any(|century| {
        of(8, 10).zip(of(10, 12)).is_some_and(|(month, year)| exists(century + year, month, day))
    });
    (is_place && is_dated && !digits.ends_with("0000")).then_some(1.4)
}

/// Thai identity number.
pub(super) const THAI_ID: Entity = Entity {
    name: "th-pin",
    trigger: Trigger::Pattern(&[r"[1-8][ -]?[0-9]{4}[ -]?[0-9]{5}[ -]?[0-9]{2}[ -]?[0-9]"]),
    examine: |site| site.grouped(0.6, thai_id),
    mask: Mask { head: 0, tail: 4 },
    about: "Thirteen digits from 1 to 8, also 1-4-5-2-1, the last a check digit (modulo 11). One random number in 11 passes, so it needs a word. Mistaken for it: milliseconds since \
        1970, order numbers. Reference: Department of Provincial Administration.",
};

fn thai_id(digits: &str) -> Option<f64> {
    let sum = weighted(digits, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    ((11 - sum % 11) % 10 == number_at(digits, 12, 13)?).then_some(1.1)
}

/// Vietnamese tax number.
pub(super) const MST: Entity = Entity {
    name: "vn-mst",
    trigger: Trigger::Pattern(&[r"[0-9]{10}(?:-[0-9]{3})?"]),
    examine: |site| site.grouped(0.5, mst),
    mask: Mask { head: 2, tail: 3 },
    about: "Ma so thue of companies and people: ten digits, the last a check digit (modulo 11), and three for a branch. One random number in 11 passes, so it needs a word. Mistaken \
        for it: telephone numbers. Reference: Circular 105/2020/TT-BTC.",
};

fn mst(digits: &str) -> Option<f64> {
    let check = 10 - weighted(digits, &[31, 29, 23, 19, 17, 13, 7, 5, 3]) % 11;
    let is_issued = number_at(digits, 2, 9)? > 0 && !(digits.len() == 13 && digits.ends_with("000"));
    (is_issued && check == number_at(digits, 9, 10)?).then_some(1.0)
}

/// Vietnamese citizen number.
pub(super) const CCCD: Entity = Entity {
    name: "vn-cccd",
    trigger: Trigger::Pattern(&[r"0[0-9]{2}[0-3][0-9]{8}", r"0[0-9]{2} [0-3][0-9]{2} [0-9]{3} [0-9]{3}"]),
    examine: |site| site.number(cccd),
    mask: Mask { head: 0, tail: 4 },
    about: "Number of the citizen card: three digits of province, one of sex and century, two of the year of birth, six of sequence; no check digit. One random number in 50 passes, \
        so it needs a word. Mistaken for it: telephone and account numbers. Reference: Decree 137/2015/ND-CP; Circular 59/2021/TT-BCA, provinces before the mergers of 2025.",
};

/// Codes of provinces.
const PROVINCES: &[u32] = &[
    1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37, 38, 40,
    42, 44, 45, 46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77, 79, 80, 82, 83,
    84, 86, 87, 89, 91, 92, 93, 94, 95, 96,
];

fn cccd(digits: &str) -> Option<f64> {
    let is_province = PROVINCES.contains(&number_at(digits, 0, 3)?);
    // 0 and 1 for those born until 1999, 2 and 3 for those of this century.
    let is_born = number_at(digits, 3, 4)? < 2 || number_at(digits, 4, 6)? < 40;
    (is_province && is_born).then_some(1.0)
}
