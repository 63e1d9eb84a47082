//! Markings and what is mistaken for them: every line of `tests/markings/*.tsv` is a message and the rule that must be found in it, or `none`.
//!
//! A line is `rule<TAB>subject<TAB>text`, `\n` and `\t` in the text for a line end and a tab, and perhaps `file:NAME` for an attachment of that name or
//! `header:FIELD` for one more header field.

use std::{fs, path::Path};

use presend::{
    Filter,
    detect::Ignored,
    policy::{Category, Policy},
    verdict::{Detail, Envelope, Verdict},
};

/// The least share of markings that are found, and of findings that are markings, and the most near misses that are found.
const F1: f64 = 0.98;
const FALSE_ALARMS: f64 = 0.02;

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

/// A verdict on a message with this header, under a policy of `settings`.
fn judged(settings: &str, header: &str, text: &str) -> Verdict {
    let read = |path: &Path| Err(presend::error::Error::Usage(path.display().to_string()));
    let context = presend::policy::Context { read: &read, today: "" };
    let policy = Policy::load(Path::new("presend.toml"), settings, &context).expect("the policy loads");
    let filter = Filter::new(policy, Detail::Places).expect("it compiles");
    let raw = format!("{header}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{text}\n");
    filter.check(raw.as_bytes(), &Envelope::default())
}

const OURS: &str = "internal_domains = [\"example.com\"]";

#[test]
fn within_the_organisation_only_state_secrets_count() {
    for (to, text, counts) in [
        ("b@example.com", "仅限内部", false),
        ("b@sales.example.com", "INTERNAL USE ONLY", false),
        ("b@example.com, c@example.org", "仅限内部", true),
        ("b@notexample.com", "INTERNAL USE ONLY", true),
        ("b@example.com", "机密★10年", true),
        ("b@example.com", "TOP SECRET//SI//NOFORN", true),
    ] {
        let verdict = judged(OURS, &format!("From: a@example.com\nTo: {to}\nSubject: x"), text);
        assert_eq!(!found(&verdict).is_empty(), counts, "{to}: {text}");
        let is_seen = verdict.ignored.iter().any(|seen| seen.rule.category == Category::Confidential);
        assert_eq!(is_seen, !counts, "{to}: {text}");
    }
}

#[test]
fn a_quoted_marking_counts_in_full_for_who_was_not_there() {
    let quoted = "Fine.\n\nFrom: Marta <marta@example.com>\nSent: Monday, 6 May 2024 10:12\nTo: Jo <jo@example.org>\n\
                  Cc: Lee <lee@example.net>\nSubject: plan\n\nCONFIDENTIAL\n\nDear Jo,\nthe plan is below.";
    let weight = |to: &str, text: &str| -> f64 {
        let verdict = judged(OURS, &format!("From: marta@example.com\nTo: {to}\nSubject: plan"), text);
        verdict.reasons.iter().map(|reason| reason.contribution).sum()
    };
    let full = weight("jo@example.org", "CONFIDENTIAL\n\nDear Jo,\nthe plan is below.");
    let less = weight("jo@example.org", quoted);
    assert!(0.0 < less && less < full, "{less} of {full}");
    assert!((weight("Lee@Example.net", quoted) - less).abs() < 1e-9, "one who was in copy");
    assert!(
        (weight("jo@example.org, b@example.com", quoted) - less).abs() < 1e-9,
        "a colleague is not outside"
    );
    assert!((weight("rival@example.org", quoted) - full).abs() < 1e-9, "a stranger");
    assert!((weight("jo@example.org, rival@example.org", quoted) - full).abs() < 1e-9, "a stranger in copy");
    let unnamed = "Fine.\n\n> CONFIDENTIAL\n>\n> the plan is below.";
    assert!(weight("rival@example.org", unnamed) < full, "nobody is named, so nobody can tell");
}

#[test]
fn labels_count_as_the_policy_lists_them() {
    let guid = "5a1f3b77-0000-4000-8000-1f2e3d4c5b6a";
    let listed = |name: &str| format!("[[labels]]\nnames = [\"{name}\"]\naction = \"reject\"");
    let field = format!(
        "msip_labels: MSIP_Label_{guid}_Enabled=true;\n MSIP_Label_{guid}_SiteId=1;\n MSIP_Label_{guid}_Name=Board Only;\n"
    );
    let header = format!("From: a@example.com\nTo: b@example.org\nSubject: x\n{}", field.trim_end());
    for (settings, counts) in [
        (String::new(), false),
        (listed("Board Only"), true),
        (listed("board only"), true),
        (listed(&guid.to_uppercase()), true),
        (listed("Board"), false),
        (listed("5a1f3b77-0000-4000-8000-1f2e3d4c5b6b"), false),
    ] {
        assert_eq!(
            found(&judged(&settings, &header, "hello")) == ["confidential.label-1"],
            counts,
            "{settings}"
        );
    }
    let off = header.replace("Enabled=true", "Enabled=false").replace("Board Only", "General");
    assert!(found(&judged(&listed(guid), &off, "hello")).is_empty(), "a label that is not set");
}

#[test]
fn what_may_be_sent_is_seen_and_does_not_count() {
    let filter = Filter::new(Policy::shipped(), Detail::Places).expect("the shipped policy compiles");
    for (text, why) in [
        ("TLP:CLEAR\n\nThe advisory.", Ignored::Released),
        ("Classification: Public\n\nThe slides.", Ignored::Released),
        ("密级：公开\n\n资料如下。", Ignored::Released),
        ("This deck is not confidential, feel free to share.", Ignored::Released),
        ("资料不涉密，可以对外。", Ignored::Released),
        ("We sign the confidentiality agreement; confidential computing is next.", Ignored::Prose),
        ("Keep it confidential until May.", Ignored::Prose),
    ] {
        let raw =
            format!("To: b@example.org\nSubject: x\nContent-Type: text/plain; charset=utf-8\n\n{text}\n");
        let verdict = filter.check(raw.as_bytes(), &Envelope::default());
        assert!(found(&verdict).is_empty(), "{text}");
        assert!(verdict.ignored.iter().any(|seen| seen.why == why), "{text}: {:?}", verdict.ignored.len());
    }
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
