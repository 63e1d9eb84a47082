//! The samples inside packs, run: every rule must fire in its `match` samples and must not in its `no_match` samples.
//!
//! A sample is a message, where it starts with a header line, or the text of one. Values that would look like live secrets stand in samples as placeholders such as
//! `{{AWS_ACCESS_KEY}}` and are put together here.

use std::{collections::HashMap, sync::LazyLock};

use crate::{
    Filter,
    detect::{Ignored, entity::TOKENS},
    error::Error,
    policy::{Kind, PackFile, Policy},
    verdict::{Detail, Envelope, Reason, Seen},
};

/// What became of a sample.
#[derive(Debug)]
pub struct Outcome {
    /// The rule that it belongs to.
    pub rule: String,
    /// The sample as the pack has it.
    pub sample: String,
    /// What is wrong; `None` where it is as it should be.
    pub problem: Option<&'static str>,
}

/// Runs the samples of a pack.
pub fn run(pack: &PackFile) -> Result<Vec<Outcome>, Error> {
    let mut policy = Policy::of_packs(std::slice::from_ref(pack))?;
    // Samples of rules that need promotion are read as parts of one.
    policy.scoring.promotional_at = f64::NEG_INFINITY;
    // So that rules that only hint are told as well.
    policy.review_at = 0.0;
    let filter = Filter::new(policy, Detail::Excerpts)?;
    let mut outcomes = Vec::new();
    for rule in pack.rules()? {
        let samples = rule
            .matches
            .iter()
            .map(|sample| (sample, true))
            .chain(rule.no_matches.iter().map(|s| (s, false)));
        for (sample, wanted) in samples {
            let verdict = filter.check(&message(sample), &Envelope::default());
            // A rule for public numbers fires by recognising them.
            let recognised = |seen: &Seen| seen.rule.id == rule.id && seen.why == Ignored::Public;
            // Weighted terms may speak for a message as well.
            let speaks = |reason: &Reason| {
                !matches!(reason.rule.kind, Kind::Weighted { .. }) || reason.contribution > 0.0
            };
            let fires = verdict.reasons.iter().any(|reason| reason.rule.id == rule.id && speaks(reason))
                || verdict.ignored.iter().any(recognised);
            let problem = match (wanted, fires) {
                (true, false) => Some("does not fire in its `match` sample"),
                (false, true) => Some("fires in its `no_match` sample"),
                _ => None,
            };
            outcomes.push(Outcome { rule: rule.id.clone(), sample: sample.clone(), problem });
        }
    }
    Ok(outcomes)
}

/// Header fields by which a sample is known to be a message.
const FIELDS: &[&str] = &[
    "subject:",
    "from:",
    "to:",
    "in-reply-to:",
    "list-unsubscribe:",
    "precedence:",
    "content-type:",
    "content-disposition:",
    "mime-version:",
    "sensitivity:",
];

/// The raw message that a sample stands for.
fn message(sample: &str) -> Vec<u8> {
    let sample = String::from_utf8_lossy(&fill(sample.as_bytes())).into_owned();
    let lower = sample.to_ascii_lowercase();
    let is_message = FIELDS.iter().any(|field| lower.starts_with(field));
    let header = if lower.starts_with("content-type:") || lower.contains("\ncontent-type:") {
        ""
    } else {
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
    };
    match (is_message, sample.contains("\n\n")) {
        (true, true) => format!("{header}{sample}"),
        (true, false) => format!("{header}{sample}\n\n"),
        (false, _) => format!("{header}\n{sample}\n"),
    }
    .into_bytes()
}

/// Replaces placeholders such as `{{AWS_ACCESS_KEY}}` by made-up values. `{{TOKEN:name}}` is a token of the kind that policies/data/tokens.tsv calls so.
pub fn fill(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(start) = memchr::memmem::find(rest, b"{{") {
        let inner = &rest[start + 2..];
        let end = memchr::memmem::find(inner, b"}}");
        let name = end.and_then(|end| std::str::from_utf8(&inner[..end]).ok());
        let value = name.and_then(|name| MADE_UP.get(name));
        out.extend_from_slice(&rest[..start]);
        match (value, end) {
            (Some(value), Some(end)) => {
                out.extend_from_slice(value.as_bytes());
                rest = &inner[end + 2..];
            }
            _ => {
                out.extend_from_slice(b"{{");
                rest = inner;
            }
        }
    }
    out.extend_from_slice(rest);
    out
}

/// Values that look like secrets and open nothing, by the names of their placeholders.
static MADE_UP: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let mut state = 88_172_645_463_325_252_u64;
    let mut letters = |count: usize, alphabet: &str| -> String {
        let mut next = || {
            // xorshift: the same in every run
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 20) as usize
        };
        (0..count).map(|_| char::from(alphabet.as_bytes()[next() % alphabet.len()])).collect()
    };
    let mut values: HashMap<String, String> =
        TOKENS.iter().map(|token| (format!("TOKEN:{}", token.name), token.made_up(&mut letters))).collect();
    for (name, token) in [
        ("AWS_ACCESS_KEY", "aws-access-key"),
        ("ALIYUN_ACCESS_KEY", "aliyun-access-key"),
        ("GITHUB_TOKEN", "github-personal-token"),
    ] {
        values.insert(name.to_owned(), values[&format!("TOKEN:{token}")].clone());
    }
    let mixed = "ABCDEFGHIJKLMNOPQRSTUVabcdefghijklmnopqrstuv0123456789";
    let body: Vec<String> = (0..12).map(|_| letters(64, mixed)).collect();
    let line = |end: &str, kind: &str| format!("-----{end} {kind}{} {}-----", "PRIVATE", "KEY");
    let pem = |kind: &str, newline: &str| {
        [line("BEGIN", kind), body.join(newline), line("END", kind)].join(newline)
    };
    let pgp = pem("PGP ", "\n").replace("KEY-----\n", "KEY BLOCK-----\n\n");
    let jwt = |header: &str, claims: &str, signature: &str| {
        [base64(header.as_bytes()), base64(claims.as_bytes()), signature.to_owned()].join(".")
    };
    let claims = r#"{"sub":"service-7741","scope":"orders","exp":1893456000}"#;
    let signature = letters(43, mixed);
    let made = [
        ("PEM_PRIVATE_KEY", pem("", "\n")),
        ("PEM_RSA_KEY", pem("RSA ", "\n")),
        ("PEM_OPENSSH_KEY", pem("OPENSSH ", "\n")),
        ("PEM_IN_JSON", format!(r#"{{"type": "service_account", "private_key": "{}"}}"#, pem("", r"\n"))),
        ("PEM_IN_BASE64", base64(pem("RSA ", "\n").as_bytes())),
        ("PGP_PRIVATE_KEY", pgp),
        (
            "PUTTY_PRIVATE_KEY",
            format!(
                "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: deploy\n{}-Lines: 1\n{}\n{}-MAC: 1f2e",
                "Private", body[0], "Private"
            ),
        ),
        (
            "JSON_WEB_KEY",
            format!(r#"{{"kty":"EC","crv":"P-256","x":"{}","d":"{}"}}"#, &body[1][..43], &body[2][..43]),
        ),
        ("JWT", jwt(r#"{"alg":"RS256","typ":"JWT"}"#, claims, &signature)),
        (
            "JWT_OF_DOCUMENTATION",
            jwt(
                r#"{"alg":"HS256","typ":"JWT"}"#,
                r#"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#,
                &signature,
            ),
        ),
        ("JWT_UNSIGNED", jwt(r#"{"alg":"none"}"#, claims, "")),
        (
            "PASSWORD",
            format!("K{}v7R{}", letters(3, "abcdefghkmnpqrstuvwxyz"), letters(4, "23456789abcdefghk")),
        ),
        (
            "STRONG_PASSWORD",
            format!("T{}#4{}!k", letters(3, "abcdefghkmnpqrstuvwxyz"), letters(3, "ABCDEFGHK23456789")),
        ),
        ("HTTP_CREDENTIALS", base64(format!("deploy:K7v{}", letters(9, mixed)).as_bytes())),
        ("RANDOM_32", format!("7f{}Q3", letters(28, mixed))),
        ("RANDOM_40", format!("a9{}Z4", letters(36, mixed))),
        ("HEX_32", format!("9d{}4", letters(29, "0123456789abcdef"))),
        ("HEX_40", format!("4b{}7", letters(37, "0123456789abcdef"))),
        ("HEX_64", format!("c0{}1", letters(61, "0123456789abcdef"))),
    ];
    values.extend(made.map(|(name, value)| (name.to_owned(), value)));
    values
});

/// Base64 of the alphabet for URLs, without padding.
fn base64(bytes: &[u8]) -> String {
    let digits: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(*b"-_").collect();
    let six = |bits: u32, index: usize| char::from(digits[(bits >> (18 - 6 * index) & 63) as usize]);
    bytes
        .chunks(3)
        .flat_map(|three| {
            let bits = three
                .iter()
                .enumerate()
                .fold(0, |bits, (index, byte)| bits | u32::from(*byte) << (16 - 8 * index));
            (0..=three.len()).map(move |index| (bits, index))
        })
        .map(|(bits, index)| six(bits, index))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_sample_is_as_its_rule_says() {
        let mut count = 0;
        let mut problems = Vec::new();
        for pack in crate::policy::shipped() {
            for outcome in run(&pack).expect("shipped packs compile") {
                count += 1;
                if let Some(problem) = outcome.problem {
                    problems.push(format!("{}: {problem}: {:?}", outcome.rule, outcome.sample));
                }
            }
        }
        assert!(count > 100, "only {count} samples");
        assert!(problems.is_empty(), "{} of {count}:\n{}", problems.len(), problems.join("\n"));
    }
}
