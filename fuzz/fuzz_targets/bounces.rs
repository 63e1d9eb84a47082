//! Any bytes -> a diagnosis that keeps its promises: no panic, no endless work, a cause of the list, JSON that can be read again.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use presend::{
    bounce::{Cause, Explainer, Kind},
    report::{explanation::Explanation, json::Json},
};

/// Compiled once for all inputs.
static EXPLAINER: LazyLock<Explainer> = LazyLock::new(Explainer::shipped);

fuzz_target!(|raw: &[u8]| {
    let diagnosis = EXPLAINER.explain(raw);
    assert_eq!(diagnosis.kind == Kind::Other, diagnosis.cause == Cause::NotABounce, "{diagnosis:?}");
    assert!(diagnosis.failures.len() <= 1000, "{} failures", diagnosis.failures.len());
    for failure in &diagnosis.failures {
        assert!(failure.text.len() <= 700 && !failure.text.contains(char::is_control), "{:?}", failure.text);
        assert!(failure.smtp_code.is_none_or(|code| (400..600).contains(&code)), "{:?}", failure.smtp_code);
    }
    let explanation =
        Explanation { name: "fuzz", diagnosis: &diagnosis, explainer: &EXPLAINER, original: None };
    let line = explanation.json(Json::default());
    assert!(!line.contains('\n'), "a diagnosis of several lines");
    let value: serde_json::Value = serde_json::from_str(&line).expect("a diagnosis is JSON");
    assert_eq!(value["cause"], diagnosis.cause.as_str());
});
