//! Causes of returned mail: known texts of mail systems (`bounces/texts.tsv`), and real notices where the environment names a folder of them.

#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use presend::bounce::{Cause, Explainer};

/// With the patterns as they stand in the files.
fn explainer() -> Explainer {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/bounces");
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("policies/bounces/ is there") {
        let path = entry.expect("readable").path();
        let text = fs::read_to_string(&path).expect("a pack is UTF-8");
        if text.contains("[[pattern]]") {
            files.push((path.display().to_string(), text));
        }
    }
    assert!(files.len() >= 5, "only {} files of patterns", files.len());
    files.sort();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Explainer::of_patterns(&files).expect("the patterns compile")
}

/// The lines of a table: two fields, tab-separated.
fn rows(text: &str) -> Vec<(&str, &str)> {
    let is_row = |line: &&str| !line.is_empty() && !line.starts_with('#');
    text.lines().filter(is_row).map(|line| line.split_once('\t').expect("two fields")).collect()
}

#[test]
fn samples_of_patterns_hold() {
    let explainer = explainer();
    let mut problems = String::new();
    for pattern in explainer.patterns() {
        for sample in &pattern.matches {
            let found = explainer.explain(sample.as_bytes()).cause;
            if found != pattern.cause {
                let _ = writeln!(problems, "{found} for {}: {sample}", pattern.cause);
            }
        }
    }
    assert!(problems.is_empty(), "\n{problems}");
}

#[test]
fn known_texts_have_their_cause() {
    let explainer = explainer();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bounces");
    let text = fs::read_to_string(folder.join("texts.tsv")).expect("the texts are UTF-8");
    let rows = rows(&text);
    assert!(rows.len() >= 100, "only {} texts", rows.len());
    let mut problems = String::new();
    for (cause, text) in &rows {
        let cause: Cause = cause.parse().unwrap_or_else(|()| panic!("no cause is called {cause}"));
        let notice = format!(
            "From: Mail Delivery System <MAILER-DAEMON@mx.example.com>\nTo: me@example.com\nSubject: Undelivered Mail Returned to Sender\n\
             Content-Type: text/plain; charset=utf-8\n\nYour message could not be delivered.\n\n<you@example.net>:\n{text}\n"
        );
        for (form, given) in [("line", (*text).to_owned()), ("notice", notice)] {
            let found = explainer.explain(given.as_bytes());
            if found.cause != cause {
                let _ = writeln!(problems, "{} for {cause} ({form}): {text}", found.cause);
            }
        }
    }
    assert!(problems.is_empty(), "\n{problems}");
}

/// Mails of the corpus are none, but for the one report of a failure.
#[test]
fn ordinary_mail_is_no_bounce() {
    let explainer = explainer();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for folder in ["en", "zh", "mime"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(folder);
        for entry in fs::read_dir(folder).expect("corpus/ is there") {
            let path = entry.expect("readable").path();
            if path.extension().is_some_and(|ending| ending == "eml") {
                seen += 1;
                let found = explainer.explain(&fs::read(&path).expect("readable")).cause;
                if (found == Cause::NotABounce) == path.ends_with("mime/delivery-report.eml") {
                    wrong.push(format!("{}: {found}", path.display()));
                }
            }
        }
    }
    assert!(seen >= 500, "only {seen} mails");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Real notices of 90 systems: the example e-mails of the sisimai project, in the folder that `PRESEND_BOUNCES` names.
#[test]
fn real_notices_have_their_cause() {
    let Some(folder) = env::var_os("PRESEND_BOUNCES").map(PathBuf::from) else {
        eprintln!("SKIPPED: PRESEND_BOUNCES names no folder of notices");
        return;
    };
    let explainer = explainer();
    let rows = rows(include_str!("bounces/sisimai.tsv"));
    assert!(rows.len() >= 300, "only {} files", rows.len());
    let mut problems = Vec::new();
    for (file, cause) in &rows {
        let raw = fs::read(folder.join(file)).expect("a file of the list is there");
        let found = explainer.explain(&raw);
        if found.cause.as_str() != *cause {
            problems.push(format!("{file}: {} for {cause}", found.cause));
        }
    }
    let most = rows.len() / 20;
    assert!(problems.len() <= most, "{} of {}:\n{}", problems.len(), rows.len(), problems.join("\n"));
}
