//! The table of tokens: lines of policies/data/tokens.tsv in, kinds of tokens with their alphabets out, and which of them an anchor may begin.

use std::{collections::HashMap, ops::RangeInclusive, sync::LazyLock};

/// The rule that a token belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Family {
    Cloud,
    Service,
    Webhook,
}

/// Where the fixed characters are.
pub(super) enum Place {
    /// They begin the token.
    First,
    /// So many characters stand before them.
    Behind(&'static Alphabet, RangeInclusive<usize>),
    /// There are none: these are words that stand before it.
    Near,
}

#[derive(PartialEq, Eq)]
pub(super) enum Check {
    None,
    Crc32,
    SharedAccessSignature,
}

/// A kind of token.
pub(crate) struct Token {
    pub(crate) name: &'static str,
    pub(super) family: Family,
    pub(super) place: Place,
    pub(super) anchors: Vec<&'static str>,
    pub(super) alphabet: &'static Alphabet,
    /// Characters behind the fixed ones.
    pub(super) lengths: RangeInclusive<usize>,
    /// Least entropy of what is not fixed, in bits a character.
    pub(super) entropy: f64,
    pub(super) bits: f64,
    pub(super) check: Check,
}

/// A set of ASCII characters.
pub(super) struct Alphabet {
    pub(super) characters: String,
    has: [bool; 256],
}

pub(super) const DIGITS: &str = "0123456789";
pub(super) const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
pub(super) const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The alphabets that the table names.
static ALPHABETS: LazyLock<HashMap<&str, Alphabet>> = LazyLock::new(|| {
    let alphabets: &[(&str, &[&str])] = &[
        ("digit", &[DIGITS]),
        ("hex", &[DIGITS, "abcdef"]),
        ("lower", &[DIGITS, LOWER]),
        ("upper", &[DIGITS, UPPER]),
        ("base32", &["234567", UPPER]),
        ("alnum", &[DIGITS, LOWER, UPPER]),
        ("word", &[DIGITS, LOWER, UPPER, "_"]),
        ("dash", &[DIGITS, LOWER, UPPER, "_-"]),
        ("url", &[DIGITS, LOWER, UPPER, "_-."]),
        ("tilde", &[DIGITS, LOWER, UPPER, "_-.~"]),
        ("updash", &[DIGITS, UPPER, "-"]),
        ("uuid", &[DIGITS, "abcdef", "-"]),
        ("plus", &[DIGITS, LOWER, UPPER, "+/"]),
        ("base64", &[DIGITS, LOWER, UPPER, "+/="]),
        ("any64", &[DIGITS, LOWER, UPPER, "+/=_-"]),
        ("path", &[DIGITS, LOWER, UPPER, "_-/"]),
        ("colon", &[DIGITS, LOWER, UPPER, "_-/:"]),
        ("mail", &[DIGITS, LOWER, UPPER, "_-/@"]),
        ("query", &[DIGITS, LOWER, UPPER, "_-./?=&%"]),
        ("percent", &[DIGITS, LOWER, UPPER, "%+/="]),
        ("dollar", &[DIGITS, LOWER, "$"]),
    ];
    let alphabet = |pieces: &[&str]| {
        let characters = pieces.concat();
        let mut has = [false; 256];
        characters.bytes().for_each(|byte| has[usize::from(byte)] = true);
        Alphabet { characters, has }
    };
    alphabets.iter().map(|(name, pieces)| (*name, alphabet(pieces))).collect()
});

/// Every kind of token.
pub(crate) static TOKENS: LazyLock<Vec<Token>> = LazyLock::new(|| {
    include_str!("../../../../../policies/data/tokens.tsv")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(Token::parse)
        .collect()
});

/// The kinds of a family that an anchor, in lower case, may begin.
pub(super) static BY_ANCHOR: LazyLock<HashMap<(Family, String), Vec<&'static Token>>> = LazyLock::new(|| {
    let mut map: HashMap<_, Vec<_>> = HashMap::new();
    for token in TOKENS.iter() {
        for anchor in &token.anchors {
            map.entry((token.family, anchor.to_ascii_lowercase())).or_default().push(token);
        }
    }
    map
});

/// The fixed characters of a family, in lower case.
pub(super) fn anchors(family: Family) -> Vec<String> {
    BY_ANCHOR.keys().filter(|(of, _)| *of == family).map(|(_, anchor)| anchor.clone()).collect()
}

impl Token {
    fn parse(line: &'static str) -> Token {
        let fields: Vec<&'static str> = line.split('\t').collect();
        let [name, family, place, anchors, alphabet, least, most, entropy, bits, check] = fields[..] else {
            panic!("tokens.tsv: ten fields a line")
        };
        let number = |field: &str| -> usize { field.parse().expect("tokens.tsv: lengths are numbers") };
        let alphabet_of = |name: &str| ALPHABETS.get(name).expect("tokens.tsv: the alphabet is a known one");
        Token {
            name,
            family: match family {
                "cloud" => Family::Cloud,
                "webhook" => Family::Webhook,
                _ => Family::Service,
            },
            place: match (place, place.split_once(':')) {
                ("-", _) => Place::First,
                (_, Some((name, lengths))) => {
                    let (least, most) = lengths.split_once('-').expect("tokens.tsv: two lengths");
                    Place::Behind(alphabet_of(name), number(least)..=number(most))
                }
                _ => Place::Near,
            },
            anchors: anchors.split(',').collect(),
            alphabet: alphabet_of(alphabet),
            lengths: number(least)..=number(most),
            entropy: entropy.parse().expect("tokens.tsv: entropy is a number"),
            bits: bits.parse().expect("tokens.tsv: bits are a number"),
            check: match check {
                "crc32" => Check::Crc32,
                "sas" => Check::SharedAccessSignature,
                _ => Check::None,
            },
        }
    }

    /// What it is met by.
    pub(crate) fn anchors(&self) -> impl Iterator<Item = &'static str> {
        self.anchors.iter().copied()
    }

    /// Whether characters of its own stand before the fixed ones.
    pub(crate) fn goes_before(&self) -> bool {
        matches!(self.place, Place::Behind(..))
    }
}

impl Alphabet {
    pub(super) fn has(&self, byte: u8) -> bool {
        self.has[usize::from(byte)]
    }
}
