//! Tokens of services, by their fixed characters, or by the service's name where they have none. All facts are in policies/data/tokens.tsv (table.rs).

mod table;

pub(crate) use self::table::TOKENS;
use self::table::{BY_ANCHOR, Check, DIGITS, Family, LOWER, Place, Token, UPPER, anchors};
use super::{Classes, Entity, Mask, Reading, Site, Span, Trigger, ahead, behind, entropy, is_placeholder};

const ABOUT: &str = "By its fixed characters, alphabet, length and a floor of entropy (policies/data/tokens.tsv); where a service's tokens have no fixed characters, by the service's name \
    and a label before it. The checksum of those that have one (GitHub, npm: CRC-32 in base 62) makes it surer. Mistaken for it: placeholders such as xxxx and keys of \
    documentation, which are dropped. Reference: the services' documentation.";

/// Access keys of clouds.
pub(in crate::detect::entity) const ACCESS_KEY: Entity = Entity {
    name: "access-key",
    trigger: Trigger::Literal(|| anchors(Family::Cloud)),
    examine: |site| examine(site, Family::Cloud),
    mask: Mask { head: 4, tail: 0 },
    about: ABOUT,
};

/// Tokens of other services.
pub(in crate::detect::entity) const SERVICE_TOKEN: Entity = Entity {
    name: "service-token",
    trigger: Trigger::Literal(|| anchors(Family::Service)),
    examine: |site| examine(site, Family::Service),
    mask: Mask { head: 4, tail: 0 },
    about: ABOUT,
};

/// Addresses to which anyone may post.
pub(in crate::detect::entity) const WEBHOOK_URL: Entity = Entity {
    name: "webhook-url",
    trigger: Trigger::Literal(|| anchors(Family::Webhook)),
    examine: |site| examine(site, Family::Webhook),
    mask: Mask { head: 4, tail: 0 },
    about: ABOUT,
};

fn examine(site: &Site<'_>, family: Family) -> Option<Reading> {
    // What begins in the middle of a word is another word; this is asked at every `pat` and `sk-` of a text.
    let tokens = BY_ANCHOR.get(&(family, site.value.to_owned()))?;
    tokens
        .iter()
        .filter_map(|token| match token.place {
            Place::Near => token.named(site),
            _ => token.anchored(site),
        })
        .max_by(|x, y| x.bits.total_cmp(&y.bits).then(x.span.len().cmp(&y.span.len())))
}

impl Token {
    /// The token around the fixed characters at the site.
    fn anchored(&self, site: &Site<'_>) -> Option<Reading> {
        // Case matters, so the original is read; folding keeps the length of ASCII.
        let original = &site.text.zoned.segment.text;
        let at = site.text.original_span(site.span).start;
        let (before, len, bits) = self.read(original, at)?;
        let start = site.span.start.checked_sub(before)?;
        let end = (start + len).min(site.text.folded.len());
        // Of an address to post to, the first part is no secret.
        let start = if self.family == Family::Webhook { site.span.end } else { start };
        Some(Reading {
            canonical: original[at - before..][..len].to_owned(),
            bits,
            span: Span::new(start, end),
        })
    }

    /// The token whose fixed characters stand at `at`: bytes before them, its length, and what it is worth.
    fn read(&self, text: &str, at: usize) -> Option<(usize, usize, f64)> {
        let bytes = text.as_bytes();
        let anchor = self.anchors[0];
        let before = match &self.place {
            Place::Behind(alphabet, lengths) => {
                let reach = lengths.end() + 1;
                let run =
                    bytes[..at].iter().rev().take(reach).take_while(|byte| alphabet.has(**byte)).count();
                lengths.contains(&run).then_some(run)?
            }
            _ => 0,
        };
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let start = at - before;
        if bytes[..start].last().is_some_and(is_part) && is_part(&bytes[start]) {
            return None;
        }
        let rest = text.get(at..)?.strip_prefix(anchor)?;
        let body = self.body(rest)?;
        let len = before + anchor.len() + body.len();
        // Where all that varies is before the fixed characters, as in Mailchimp's, that is what must vary.
        let varies = format!("{}{body}", &text[start..at]);
        let bits = self.worth(&varies)?;
        let sas = || {
            let query = behind(text, at, 400);
            let query = &query[query.rfind('?').unwrap_or(0)..];
            let whole = format!("{query}{}", ahead(text, at, 200));
            whole.contains("sv=") && whole.contains("se=")
        };
        (self.check != Check::SharedAccessSignature || sas()).then_some((before, len, bits))
    }

    /// The characters of the alphabet at the start of `rest`, if as many as there must be.
    fn body<'t>(&self, rest: &'t str) -> Option<&'t str> {
        let bytes = rest.as_bytes();
        let reach = self.lengths.end() + 4;
        let mut len = bytes.iter().take(reach).take_while(|byte| self.alphabet.has(**byte)).count();
        // The full stop of a sentence and the like.
        while len > 0
            && matches!(bytes[len - 1], b'.' | b'-' | b'_' | b'/' | b'?' | b':')
            && (len > *self.lengths.end() || bytes[len - 1] == b'.')
        {
            len -= 1;
        }
        let ends = bytes.get(len).is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
        (ends && self.lengths.contains(&len)).then(|| &rest[..len])
    }

    /// What a token with these characters is worth; `None` for what is no token.
    fn worth(&self, varies: &str) -> Option<f64> {
        let classes = Classes::of(varies);
        let is_mixed = classes.digits > 0 || (classes.lower > 0 && classes.upper > 0);
        if !is_mixed || entropy(varies) < self.entropy || is_placeholder(varies) {
            return None;
        }
        Some(match self.check {
            Check::Crc32 if has_crc32(varies) => self.bits + 1.5,
            Check::Crc32 => self.bits - 0.5,
            _ => self.bits,
        })
    }

    /// The token that stands behind the service's name at the site, a label between.
    fn named(&self, site: &Site<'_>) -> Option<Reading> {
        let folded = &site.text.folded;
        let name = site.span;
        if folded.as_bytes()[..name.start].last().is_some_and(u8::is_ascii_alphanumeric) {
            return None;
        }
        let window = ahead(folded, name.end, REACH);
        let bytes = folded.as_bytes();
        let mut at = name.end;
        let end = name.end + window.len();
        while at < end {
            // A run may go on behind the window.
            let run = bytes[at..]
                .iter()
                .take(self.lengths.end() + 1)
                .take_while(|byte| self.alphabet.has(**byte) || self.alphabet.has(byte.to_ascii_uppercase()))
                .count();
            if run == 0 {
                at += 1;
                continue;
            }
            if self.lengths.contains(&run)
                && let Some(reading) = self.labelled(site, Span::new(at, at + run))
            {
                return Some(reading);
            }
            at += run;
        }
        None
    }

    /// The token at `span`, if a label and a sign stand before it.
    fn labelled(&self, site: &Site<'_>, span: Span) -> Option<Reading> {
        let between = &site.text.folded[site.span.start..span.start];
        if between.matches('\n').count() > 2
            || crate::detect::entity::neighbours::in_locator(site.text.folded.as_bytes(), span)
        {
            return None;
        }
        let joint = between.trim_end_matches([' ', '"', '\'', '`', '\n', '\t', '(']);
        let has_label = |text: &str, is: fn(&str, &str) -> bool| LABELS.iter().any(|word| is(text, word));
        let is_joined = joint.ends_with([':', '=', '>', '是', '为']) || joint.ends_with(" is");
        let is_joined = is_joined || has_label(joint, |text, word| text.ends_with(word));
        if !is_joined || !has_label(between, |text, word| text.contains(word)) {
            return None;
        }
        let original = site.text.original(span);
        let is_shaped = original.bytes().all(|byte| self.alphabet.has(byte));
        // A hash or a checksum is no token of a larger alphabet.
        let is_hash =
            self.alphabet.characters.len() > 20 && original.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_shaped || (is_hash && self.alphabet.characters.len() > 36) {
            return None;
        }
        let bits = self.worth(original)?;
        Some(Reading { canonical: original.to_owned(), bits, span })
    }

    /// A made-up token, which opens nothing; `letters` gives so many characters of an alphabet.
    pub(crate) fn made_up(&self, letters: &mut dyn FnMut(usize, &str) -> String) -> String {
        let first = matches!(self.place, Place::Near);
        loop {
            let before = match &self.place {
                Place::Behind(alphabet, lengths) => letters(*lengths.start(), &alphabet.characters),
                _ => String::new(),
            };
            let mut body = letters(*self.lengths.start(), &self.alphabet.characters);
            if self.check == Check::Crc32 {
                let sum = crc32_base62(&body[..body.len() - 6]);
                body.replace_range(body.len() - 6.., &sum);
            }
            let fixed = if first { "" } else { self.anchors[0] };
            let token = format!("{before}{fixed}{body}");
            let lead = match (self.family, &self.check) {
                (Family::Webhook, _) => "https://",
                (_, Check::SharedAccessSignature) => {
                    "https://account.blob.core.windows.net/files?sv=2025-01-05&se=2027-01-01&sp=r&"
                }
                _ => "",
            };
            let at = lead.len() + before.len();
            let text = format!("{lead}{token}");
            let is_plain = body.ends_with(|c: char| c.is_ascii_alphanumeric())
                && body.starts_with(|c: char| c.is_ascii_alphanumeric())
                && before.starts_with(|c: char| c.is_ascii_alphanumeric()) | before.is_empty();
            if is_plain && (if first { self.worth(&token).is_some() } else { self.read(&text, at).is_some() })
            {
                return text;
            }
        }
    }
}

/// How far behind the service's name a token is looked for, bytes.
const REACH: usize = 100;

/// What stands between a service's name and its token.
const LABELS: &[&str] = &[
    "key",
    "secret",
    "token",
    "credential",
    "pat",
    "sk",
    "password",
    "密钥",
    "密匙",
    "秘钥",
    "令牌",
    "凭证",
    "口令",
];

/// Whether the last six characters are the checksum of those before.
fn has_crc32(body: &str) -> bool {
    body.len() > 6 && body.is_ascii() && crc32_base62(&body[..body.len() - 6]) == body[body.len() - 6..]
}

/// CRC-32 (ISO 3309), six digits in base 62.
fn crc32_base62(text: &str) -> String {
    let mut crc = text.bytes().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    });
    crc = !crc;
    let digits = [DIGITS, UPPER, LOWER].concat();
    let digit = |power: u32| char::from(digits.as_bytes()[(crc / 62u32.pow(power) % 62) as usize]);
    (0..6)
        .rev()
        .map(|power| {
            if power == 5 {
                char::from(digits.as_bytes()[(crc / 62u32.pow(5)) as usize])
            } else {
                digit(power)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters() -> impl FnMut(usize, &str) -> String {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        move |count, alphabet| {
            (0..count)
                .map(|_| {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    char::from(alphabet.as_bytes()[(state >> 20) as usize % alphabet.len()])
                })
                .collect()
        }
    }

    /// Whether a kind reads a token, alone.
    fn reads(token: &Token, text: &str) -> bool {
        match token.place {
            Place::Near => {
                token.lengths.contains(&text.len())
                    && text.bytes().all(|byte| token.alphabet.has(byte))
                    && token.worth(text).is_some()
            }
            _ => {
                let at = text.find(token.anchors[0]).expect("it has its fixed characters");
                token.read(text, at).is_some()
            }
        }
    }

    #[test]
    fn the_table_is_well_formed() {
        let mut names: Vec<&str> = TOKENS.iter().map(|token| token.name).collect();
        assert!(names.len() >= 200, "only {} kinds", names.len());
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TOKENS.len());
        for token in TOKENS.iter() {
            assert!(token.lengths.start() <= token.lengths.end(), "{}", token.name);
            assert!(matches!(token.place, Place::Near) || token.anchors.len() == 1, "{}", token.name);
        }
    }

    #[test]
    fn every_kind_reads_its_own_and_nothing_like_it() {
        let mut letters = letters();
        for token in TOKENS.iter() {
            for _ in 0..5 {
                let made = token.made_up(&mut letters);
                assert!(reads(token, &made), "{}", token.name);
                let body = *token.lengths.start();
                let same =
                    |c: char| format!("{}{}", &made[..made.len() - body], String::from(c).repeat(body));
                let short = &made[..made.len() - 1];
                assert!(!reads(token, short), "{}: one too short", token.name);
                if body >= 10 && !matches!(token.place, Place::Behind(..)) {
                    assert!(!reads(token, &same('x')), "{}: all the same", token.name);
                    assert!(!reads(token, &same('7')), "{}: all the same", token.name);
                    let example = format!("{}EXAMPLE", &made[..made.len() - 7]);
                    assert!(!reads(token, &example), "{}: an example", token.name);
                }
            }
        }
    }

    #[test]
    fn checksums_of_github() {
        // The token of GitHub's announcement of the format, revoked.
        let body = ["zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ", "0mLq17"].concat();
        assert!(has_crc32(&body));
        assert!(!has_crc32(&body.replace("0mLq17", "0mLq18")));
    }
}
