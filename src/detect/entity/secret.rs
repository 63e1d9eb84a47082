//! Keys: PEM private keys and the tokens of services, which begin with fixed characters.

use std::sync::LazyLock;

use super::{Entity, Mask, Reading, Site, Trigger};
use crate::span::Span;

/// PEM private key (RFC 7468, RFC 4880).
pub(super) const PRIVATE_KEY: Entity = Entity {
    name: "private-key",
    trigger: Trigger::Literal(|| vec!["-----begin ".to_owned()]),
    examine: private_key,
    mask: Mask { head: 0, tail: 0 },
    about: "A PEM block with PRIVATE KEY in its first line and at least 60 characters of base64 behind it. Certificates and public keys are no secrets, and a first line without a \
        key behind it is documentation. Reference: RFC 7468.",
};

/// How much base64 makes a key.
const KEY_BODY: usize = 60;

/// No PEM block is longer, bytes.
const LONGEST_KEY: usize = 16 << 10;

fn private_key(site: &Site<'_>) -> Option<Reading> {
    let folded = &site.text.folded;
    let window = crate::span::floor_boundary(folded, site.span.start + LONGEST_KEY);
    let rest = &folded[site.span.start..window];
    let label_start = "-----begin ".len();
    let label_len = rest[label_start..].find("-----").filter(|len| *len <= 40)?;
    if !rest[label_start..label_start + label_len].ends_with("private key")
        && !rest[label_start..label_start + label_len].ends_with("private key block")
    {
        return None;
    }
    let body_start = label_start + label_len + 5;
    // The key ends where the next line of dashes begins, be it its own end or another's beginning.
    let body = rest.get(body_start..)?;
    let body = &body[..body.find("-----").unwrap_or(body.len())];
    let is_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    // Headers and words do not count: lines of a key are long.
    let lines = || body.split(|c| !is_key(c)).filter(|line| line.len() >= 16);
    if lines().map(str::len).sum::<usize>() < KEY_BODY {
        return None;
    }
    let span = Span::new(site.span.start, site.span.start + body_start + body.trim_end().len());
    // Equal keys are equal by their body.
    let canonical: String = lines().flat_map(str::chars).take(400).collect();
    Some(Reading { canonical, bits: 5.0, span })
}

/// Access keys and tokens.
pub(super) const ACCESS_KEY: Entity = Entity {
    name: "access-key",
    trigger: Trigger::Literal(|| TOKENS.iter().map(|token| token.prefix.to_ascii_lowercase()).collect()),
    examine: access_key,
    mask: Mask { head: 4, tail: 0 },
    about: "A token of a service, by its fixed first characters, alphabet, length and a floor of entropy (policies/data/tokens.tsv). Mistaken for it: placeholders such as xxxx and \
        keys of documentation. Reference: the services' documentation.",
};

/// A kind of token.
struct Token {
    prefix: &'static str,
    alphabet: fn(u8) -> bool,
    /// Characters behind the prefix.
    lengths: std::ops::RangeInclusive<usize>,
    /// Least entropy of what is behind the prefix, in bits a character.
    entropy: f64,
}

static TOKENS: LazyLock<Vec<Token>> = LazyLock::new(|| {
    include_str!("../../../policies/data/tokens.tsv")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let fields: Vec<&'static str> = line.split('\t').collect();
            let [_, prefix, alphabet, least, most, entropy] = fields[..] else {
                panic!("tokens.tsv: six fields a line")
            };
            let number = |field: &str| field.parse().expect("tokens.tsv: lengths are numbers");
            Token {
                prefix,
                alphabet: match alphabet {
                    "base32" => |b| b.is_ascii_uppercase() || matches!(b, b'2'..=b'7'),
                    "upper" => |b| b.is_ascii_uppercase() || b.is_ascii_digit(),
                    "alnum" => |b| b.is_ascii_alphanumeric(),
                    "hex" => |b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'),
                    _ => |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'),
                },
                lengths: number(least)..=number(most),
                entropy: entropy.parse().expect("tokens.tsv: entropy is a number"),
            }
        })
        .collect()
});

fn access_key(site: &Site<'_>) -> Option<Reading> {
    // Case matters, so the original is read; folding keeps the length of ASCII.
    let start = site.text.original_span(site.span).start;
    let original = site.text.zoned.segment.text.get(start..)?;
    let fits = |token: &&Token| {
        let rest = original.strip_prefix(token.prefix)?;
        let len = rest.bytes().take_while(|byte| (token.alphabet)(*byte)).count();
        let body = rest[..len].trim_end_matches(['.', '-', '_']);
        let ends = rest[body.len()..].bytes().next().is_none_or(|byte| !byte.is_ascii_alphanumeric());
        (ends && token.lengths.contains(&body.len()) && entropy(body) >= token.entropy)
            .then(|| token.prefix.len() + body.len())
    };
    let len = TOKENS.iter().filter_map(|token| fits(&token)).max()?;
    let canonical = original[..len].to_owned();
    let lower = canonical.to_ascii_lowercase();
    if ["example", "xxxx", "your", "placeholder", "abcdefgh"].iter().any(|word| lower.contains(word)) {
        return None;
    }
    let span = Span::new(site.span.start, (site.span.start + len).min(site.text.folded.len()));
    Some(Reading { canonical, bits: 4.0, span })
}

/// Shannon entropy in bits a character.
fn entropy(text: &str) -> f64 {
    let mut counts = [0u32; 256];
    for byte in text.bytes() {
        counts[byte as usize] += 1;
    }
    let total = text.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / total;
            -share * share.log2()
        })
        .sum()
}
