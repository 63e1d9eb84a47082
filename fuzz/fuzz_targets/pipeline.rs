//! Any bytes -> a verdict that keeps its promises, whatever the bytes are: no panic, no endless work, numbers and places that mean
//! something.
//!
//! libFuzzer stops at the first input that breaks one; `fuzz/run.sh` builds and runs this.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use presend::{
    Filter,
    policy::{NotInspectedAction, Policy},
    report::json::{self, Json},
    verdict::{Decision, Detail, Envelope, Found, Verdict},
};

/// Compiled once for all inputs.
static FILTER: LazyLock<Filter> =
    LazyLock::new(|| Filter::new(Policy::shipped(), Detail::Excerpts).expect("the shipped policy compiles"));

fuzz_target!(|raw: &[u8]| {
    let verdict = FILTER.check(raw, &Envelope::default());
    probabilities_are_probabilities(&verdict);
    the_decision_follows(&verdict);
    for found in &verdict.findings {
        places_lie_in_the_message(found, raw);
    }
    json_can_be_read_again(&verdict);
});

fn probabilities_are_probabilities(verdict: &Verdict) {
    let of_categories = verdict.categories.iter().map(|(_, probability)| *probability);
    for probability in of_categories.chain([verdict.probability]) {
        assert!((0.0..=1.0).contains(&probability), "probability {probability}");
    }
    for reason in &verdict.reasons {
        assert!(reason.contribution.is_finite(), "{} adds {}", reason.rule.id, reason.contribution);
        assert!(reason.count > 0, "{} counts nothing", reason.rule.id);
    }
}

/// A probability over a threshold and a part that was not read each ask for a decision; it is never below that.
fn the_decision_follows(verdict: &Verdict) {
    let policy = FILTER.policy();
    let mut least = if verdict.probability >= policy.reject_at {
        Decision::Reject
    } else if verdict.probability >= policy.review_at {
        Decision::Review
    } else {
        Decision::Pass
    };
    for part in &verdict.not_inspected {
        least = least.max(match policy.not_inspected.get(part.reason.as_str()) {
            Some(NotInspectedAction::Note) => Decision::Pass,
            Some(NotInspectedAction::Reject) => Decision::Reject,
            Some(NotInspectedAction::Review) | None => Decision::Review,
        });
    }
    assert!(verdict.decision >= least, "decision {:?} where {least:?} is due", verdict.decision);
    assert_eq!(verdict.is_complete(), verdict.not_inspected.is_empty());
}

fn places_lie_in_the_message(found: &Found, raw: &[u8]) {
    assert_eq!(found.span.is_some(), found.position.is_some(), "{} has half a place", found.rule.id);
    if let (Some(span), Some((line, column))) = (found.span, found.position) {
        assert!(span.start <= span.end && span.end <= raw.len(), "{span:?} of {} bytes", raw.len());
        let lines = 1 + raw.iter().filter(|&&byte| byte == b'\n').count();
        assert!((1..=lines).contains(&line), "line {line} of {lines}");
        assert!((1..=raw.len() + 1).contains(&column), "column {column}");
    }
    if let Some(excerpt) = &found.excerpt {
        let shown = excerpt.line.get(excerpt.span.start..excerpt.span.end);
        assert!(shown.is_some(), "the excerpt of {} is cut within a character", found.rule.id);
        assert!(!excerpt.line.contains(char::is_control), "a control character in an excerpt");
    }
}

fn json_can_be_read_again(verdict: &Verdict) {
    let line = json::line("fuzz.eml", verdict, Json::default());
    assert!(!line.contains('\n'), "a verdict of several lines");
    let value: serde_json::Value = serde_json::from_str(&line).expect("a verdict is JSON");
    assert_eq!(value["decision"], verdict.decision.as_str());
    let matches =
        value["findings"].as_array().into_iter().flatten().filter(|finding| finding.get("match").is_some());
    assert_eq!(matches.count(), 0, "a value that nobody asked for");
}
