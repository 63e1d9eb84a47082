//! The samples inside packs, run: every rule must fire in its `match` samples and must not in its `no_match` samples.
//!
//! A sample is a message, where it starts with a header line, or the text of one. Values that would look like live secrets stand in samples as placeholders such as
//! `{{AWS_ACCESS_KEY}}` and are put together here.

use crate::{
    Filter,
    detect::{Ignored, Workload},
    error::Error,
    policy::{PackFile, Policy},
    verdict::{Envelope, Seen},
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
    let filter = Filter::new(Policy::of_packs(std::slice::from_ref(pack))?, Workload::Single)?;
    let mut outcomes = Vec::new();
    for rule in pack.rules()? {
        let samples = rule
            .matches
            .iter()
            .map(|sample| (sample, true))
            .chain(rule.no_matches.iter().map(|s| (s, false)));
        for (sample, wanted) in samples {
            let verdict = filter.check(&message(sample), &Envelope::default());
            // A public number counts for nothing; it is enough that it is seen.
            let is_seen = |seen: &Seen| seen.rule.id == rule.id && seen.why == Ignored::Public;
            let fires = verdict.reasons.iter().any(|reason| reason.rule.id == rule.id)
                || verdict.ignored.iter().any(is_seen);
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
const FIELDS: &[&str] =
    &["subject:", "from:", "to:", "content-type:", "content-disposition:", "mime-version:", "sensitivity:"];

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

/// Replaces placeholders such as `{{AWS_ACCESS_KEY}}` by made-up values.
pub fn fill(raw: &[u8]) -> Vec<u8> {
    let mut out = raw.to_vec();
    if memchr::memmem::find(raw, b"{{").is_none() {
        return out;
    }
    for (name, value) in made_up() {
        let placeholder = format!("{{{{{name}}}}}");
        while let Some(at) = memchr::memmem::find(&out, placeholder.as_bytes()) {
            out.splice(at..at + placeholder.len(), value.bytes());
        }
    }
    out
}

/// Values that look like secrets and open nothing.
fn made_up() -> [(&'static str, String); 4] {
    let mut state = 88_172_645_463_325_252_u64;
    let mut letters = |count: usize, alphabet: &str| -> String {
        let mut next = || {
            // xorshift: the same in every run
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as usize
        };
        (0..count).map(|_| char::from(alphabet.as_bytes()[next() % alphabet.len()])).collect()
    };
    let mixed = "ABCDEFGHIJKLMNOPQRSTUVabcdefghijklmnopqrstuv0123456789";
    let body: String = (0..12).map(|_| letters(64, mixed) + "\n").collect();
    let line = |end: &str| format!("-----{end} {} {}-----", "PRIVATE", "KEY");
    [
        ("AWS_ACCESS_KEY", ["AK", "IA"].concat() + &letters(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")),
        ("ALIYUN_ACCESS_KEY", ["LT", "AI"].concat() + &letters(20, mixed)),
        ("GITHUB_TOKEN", ["gh", "p_"].concat() + &letters(36, mixed)),
        ("PEM_PRIVATE_KEY", format!("{}\n{body}{}", line("BEGIN"), line("END"))),
    ]
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
