//! Markings and what is mistaken for them: every line of `tests/markings/*.tsv` is a message and the rule that must be found in it, or `none`.
//!
//! A line is `rule<TAB>subject<TAB>text`, `\n` and `\t` in the text for a line end and a tab, and perhaps `file:NAME` for an attachment of that name or
//! `header:FIELD` for one more header field.

use std::{fs, path::Path};

use presend::{
    Filter,
    policy::{Category, Policy},
    verdict::{Detail, Envelope, Verdict},
};

/// The least share of markings that are found, and of findings that are markings, and the most near misses that are found.
const F1: f64 = 0.98;
const FALSE_ALARMS: f64 = 0.01;

/// A message and what is to be found in it.
struct Case {
    place: String,
    rule: String,
    raw: String,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut files: Vec<_> = fs::read_dir("tests/markings")
        .expect("the folder is there")
        .map(|entry| entry.expect("readable").path())
        .collect();
    files.sort();
    for file in files {
        let text = fs::read_to_string(&file).expect("readable");
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
            cases.push(case(&file, index + 1, line));
        }
    }
    cases
}

fn case(file: &Path, number: usize, line: &str) -> Case {
    let place = format!("{}:{number}", file.display());
    let columns: Vec<&str> = line.split('\t').collect();
    assert!((3..=4).contains(&columns.len()), "{place}: {} columns", columns.len());
    let text = columns[2].replace("\\n", "\n").replace("\\t", "\t");
    let plain = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n";
    let mut head = format!(
        "From: Marta Kern <marta.kern@example.com>\nTo: A Customer <customer@example.org>\nSubject: {}\n",
        columns[1]
    );
    let extra = columns.get(3).copied().unwrap_or_default();
    if let Some(field) = extra.strip_prefix("header:") {
        head += &format!("{field}\n");
    }
    let raw = match extra.strip_prefix("file:") {
        Some(name) => format!(
            "{head}MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n{plain}\n{text}\n--b\n\
             Content-Type: text/plain\nContent-Disposition: attachment; filename=\"{name}\"\n\nA line of text.\n--b--\n"
        ),
        None => format!("{head}MIME-Version: 1.0\n{plain}\n{text}\n"),
    };
    Case { place, rule: columns[0].to_owned(), raw }
}

/// The confidential rules that count against a message.
fn found(verdict: &Verdict) -> Vec<String> {
    let reasons = verdict.reasons.iter().filter(|reason| reason.rule.category == Category::Confidential);
    reasons.map(|reason| reason.rule.id.clone()).collect()
}

#[test]
fn markings_are_told_from_what_looks_like_them() {
    let filter = Filter::new(Policy::shipped(), Detail::Places).expect("the shipped policy compiles");
    let cases = cases();
    let real = cases.iter().filter(|case| case.rule != "none").count();
    assert!(real >= 125 && cases.len() - real >= 125, "only {real} of {} are markings", cases.len());
    let (mut hits, mut alarms, mut wrong) = (0, 0, Vec::new());
    for case in &cases {
        let found = found(&filter.check(case.raw.as_bytes(), &Envelope::default()));
        let is_right = if case.rule == "none" { found.is_empty() } else { found.contains(&case.rule) };
        hits += usize::from(is_right && case.rule != "none");
        alarms += usize::from(!is_right && case.rule == "none");
        if !is_right {
            wrong.push(format!("{}: {} wanted, {found:?} found", case.place, case.rule));
        }
    }
    let (precision, recall) = (hits as f64 / (hits + alarms) as f64, hits as f64 / real as f64);
    let f1 = 2.0 * precision * recall / (precision + recall);
    let share = alarms as f64 / (cases.len() - real) as f64;
    assert!(
        f1 >= F1 && share <= FALSE_ALARMS,
        "F1 {f1:.3}, {alarms} false alarms ({share:.3}):\n{}",
        wrong.join("\n")
    );
}
