//! Values of every entity in a sentence with their keyword, valid and invalid, as `tests/entities/*.tsv` lists them.
//!
//! Valid ones are found at the confidence that the table names, or above; invalid ones are no finding of medium confidence or more of any rule.

use std::{fs, path::Path};

use presend::{
    Filter,
    detect::{Confidence, Ignored, Workload},
    policy::Policy,
    verdict::{Envelope, Verdict},
};

/// A line of a table.
struct Case {
    rule: String,
    sentence: String,
    value: String,
    want: String,
}

#[test]
fn every_value_is_as_its_table_says() {
    let filter = Filter::new(Policy::shipped(), Workload::Single).expect("the shipped policy compiles");
    let cases = cases();
    assert!(cases.len() >= 4, "only {} cases", cases.len());
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let text = case.sentence.replace("{}", &case.value);
            let problem = problem(case, &check(&filter, &text))?;
            Some(format!("{}: {problem} in {text:?}", case.rule))
        })
        .collect();
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

/// What is wrong with the verdict on a case.
fn problem(case: &Case, verdict: &Verdict) -> Option<String> {
    let found = verdict.findings.iter().filter(|found| found.rule.id == case.rule);
    let most = found.map(|found| found.confidence).max();
    let least = match case.want.as_str() {
        "none" => {
            let firm = verdict.findings.iter().find(|found| found.confidence >= Confidence::Medium)?;
            return Some(format!("{} found at {}", firm.rule.id, firm.confidence.as_str()));
        }
        "public" => {
            let is_seen =
                verdict.ignored.iter().any(|seen| seen.rule.id == case.rule && seen.why == Ignored::Public);
            let firm = verdict.findings.iter().find(|found| found.confidence >= Confidence::Medium);
            return match firm {
                Some(firm) => Some(format!("{} found at {}", firm.rule.id, firm.confidence.as_str())),
                None => (!is_seen).then(|| "not recognised".to_owned()),
            };
        }
        "low" => Confidence::Low,
        "medium" => Confidence::Medium,
        "high" => Confidence::High,
        other => panic!("unknown expectation {other:?}"),
    };
    // A published example is known for what it is.
    let is_test =
        verdict.ignored.iter().any(|seen| seen.rule.id == case.rule && seen.why == Ignored::TestValue);
    (most < Some(least) && !is_test)
        .then(|| format!("found at {:?}, wanted {}", most.map(Confidence::as_str), case.want))
}

fn check(filter: &Filter, text: &str) -> Verdict {
    let raw = format!("Content-Type: text/plain; charset=utf-8\n\n{text}\n");
    filter.check(&presend::samples::fill(raw.as_bytes()), &Envelope::default())
}

fn cases() -> Vec<Case> {
    let mut paths: Vec<_> = fs::read_dir(Path::new("tests/entities"))
        .expect("tests/entities/ is there")
        .map(|entry| entry.expect("readable").path())
        .collect();
    paths.sort();
    let mut cases = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).expect("readable");
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let fields: Vec<&str> = line.split('\t').collect();
            let [rule, sentence, value, want] = fields[..] else {
                panic!("{}: four fields in {line:?}", path.display())
            };
            assert!(sentence.contains("{}"), "{}: no place for the value in {line:?}", path.display());
            let value = value.replace("\\n", "\n");
            cases.push(Case {
                rule: rule.to_owned(),
                sentence: sentence.replace("\\n", "\n"),
                value,
                want: want.to_owned(),
            });
        }
    }
    cases
}
