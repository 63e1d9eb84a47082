//! Sentences that the law on advertising forbids, and sentences that only look so: `tests/claims/*.tsv`.
//!
//! Both stand in a promotional mail, where every rule of the law packs counts; the innocent ones stand in an ordinary mail as well, which must pass.

use presend::{
    Filter,
    policy::Policy,
    verdict::{Decision, Detail, Envelope, Verdict},
};

const VIOLATIONS: &str = include_str!("claims/violations.tsv");
const INNOCENT: &str = include_str!("claims/innocent.tsv");

/// Packs whose rules count only in promotion.
const PACKS: &[&str] = &["cn-ad-law", "claims"];

/// Lines of a table: what is expected, and the sentence.
fn cases(table: &'static str) -> Vec<(&'static str, &'static str)> {
    let lines = table.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.split_once('\t').expect("two columns")).collect()
}

fn filter() -> Filter {
    Filter::new(Policy::shipped(), Detail::Excerpts).expect("the shipped policy compiles")
}

/// The verdict on a sentence in a mail of its own language.
fn check(filter: &Filter, sentence: &str, is_promotional: bool) -> Verdict {
    let is_chinese = sentence.contains(|c| matches!(c, '\u{4e00}'..='\u{9fff}'));
    let (before, after) = match (is_chinese, is_promotional) {
        (true, true) => ("春季上新，全场五折起，限时抢购！", "立即下单，扫码领取优惠券，买一送一！"),
        (false, true) => (
            "Our spring sale is on! 30% off, limited time only. Click here to claim your coupon.",
            "Shop now while stocks last: order today, buy one get one free, and save more with promo code SPRING.",
        ),
        (true, false) => ("各位好，", "如有疑问请与我联系，谢谢。"),
        (false, false) => ("Hello all,", "Please let me know if you have any questions."),
    };
    let raw = format!(
        "From: a@example.com\nTo: b@example.org\nSubject: =?UTF-8?B?6YCa55+l?=\nDate: Mon, 2 Mar 2026 10:00:00 +0800\n\
         Message-ID: <1@example.com>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{before}\n\n{sentence}\n\n{after}\n"
    );
    filter.check(raw.as_bytes(), &Envelope::default())
}

/// Rules of the law packs that count in a mail.
fn found(verdict: &Verdict) -> Vec<String> {
    let reasons = verdict.reasons.iter().filter(|reason| PACKS.contains(&reason.rule.pack.as_str()));
    reasons.map(|reason| format!("{} {:?}", reason.rule.id, reason.terms)).collect()
}

#[test]
fn what_the_law_forbids_is_found_in_promotion() {
    let filter = filter();
    let cases = cases(VIOLATIONS);
    assert!(cases.len() >= 100, "only {} cases", cases.len());
    let mut problems = Vec::new();
    for (rule, sentence) in &cases {
        let verdict = check(&filter, sentence, true);
        let id = format!("advertising.{rule}");
        if !verdict.reasons.iter().any(|reason| reason.rule.id == id && reason.contribution > 0.0) {
            problems.push(format!("{id} misses {sentence:?}; found {:?}", found(&verdict)));
        }
    }
    assert!(problems.is_empty(), "{} of {}:\n{}", problems.len(), cases.len(), problems.join("\n"));
}

#[test]
fn what_only_looks_so_is_not() {
    let filter = filter();
    let cases = cases(INNOCENT);
    assert!(cases.len() >= 100, "only {} cases", cases.len());
    let mut problems = Vec::new();
    for (_, sentence) in &cases {
        let verdict = check(&filter, sentence, true);
        assert_ne!(verdict.decision, Decision::Pass, "the mail around {sentence:?} is promotional");
        if !found(&verdict).is_empty() {
            problems.push(format!("{sentence:?}: {:?}", found(&verdict)));
        }
        let verdict = check(&filter, sentence, false);
        if verdict.decision != Decision::Pass || !found(&verdict).is_empty() {
            let rules: Vec<&str> = verdict.reasons.iter().map(|reason| reason.rule.id.as_str()).collect();
            problems.push(format!("{sentence:?} in an ordinary mail: {rules:?}"));
        }
    }
    assert!(problems.is_empty(), "{} of {}:\n{}", problems.len(), cases.len(), problems.join("\n"));
}

/// What is offered in place of a term must not be the next thing to be refused.
#[test]
fn replacements_are_free_of_advertising() {
    let filter = filter();
    let mut seen = 0;
    let mut problems = Vec::new();
    for rule in &filter.policy().rules {
        for (term, replacement) in &rule.replacements {
            seen += 1;
            let verdict = check(&filter, replacement, false);
            let mut found: Vec<&str> = verdict.reasons.iter().map(|reason| reason.rule.id.as_str()).collect();
            found.extend(verdict.ignored.iter().map(|seen| seen.rule.id.as_str()));
            if !found.is_empty() {
                problems.push(format!("{}: {term:?} becomes {replacement:?}: {found:?}", rule.id));
            }
        }
    }
    assert!(seen > 400, "only {seen} replacements");
    assert!(problems.is_empty(), "{} of {seen}:\n{}", problems.len(), problems.join("\n"));
}
