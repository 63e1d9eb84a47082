//! What an auditor reads of attachments, by its profile: who comes to see what was found.

use std::sync::Arc;

use presend::{
    Filter,
    policy::{Auditor, Policy},
    verdict::{Detail, Envelope, Sight, Verdict},
};

use crate::build::{ID, Mail, eml, gz, tar, zip, zip_locked};

fn alimail(mail: &Mail) -> Verdict {
    let mut policy = Policy::shipped();
    policy.auditor = Auditor::find("alimail").expect("shipped");
    let filter = Filter::new(policy, Detail::Places).expect("the shipped policy compiles");
    filter.check(&mail.raw(), &Envelope::default())
}

/// Who sees the resident numbers of a message.
fn seen(verdict: &Verdict) -> Vec<Sight> {
    let ids = verdict.findings.iter().filter(|found| found.rule.id == "pii.cn-resident-id");
    ids.map(|found| found.seen).collect()
}

/// A log in which a number stands from byte `at` on, counted from 1.
fn log(at: usize) -> Vec<u8> {
    let value = format!("身份证号{ID}");
    let digits = at - 1 - "身份证号".len();
    let mut text = "2026-01-05 ok\n".repeat(digits / 14 + 1).into_bytes();
    text.truncate(digits);
    text[digits - 1] = b'\n';
    text.extend(value.as_bytes());
    text.extend(b"\nend\n");
    text
}

#[test]
fn text_is_read_up_to_one_megabyte() {
    for (at, want) in [(1_048_000, Sight::Rule), (1_048_577, Sight::Reviewer)] {
        let verdict = alimail(&Mail::new("see attached").with("server.log", &log(at)));
        assert_eq!(seen(&verdict), [want], "byte {at}");
        let within = alimail(&Mail::new("see attached").with("a.zip", &zip(&[("server.log", &log(at))])));
        assert_eq!(seen(&within), [want], "byte {at} in a zip");
    }
}

#[test]
fn archives_are_read_five_deep() {
    let mut file = ("a.txt".to_owned(), format!("身份证号：{ID}").into_bytes());
    for depth in 1..=7 {
        file = (format!("{depth}.zip"), zip(&[(file.0.as_str(), &file.1)]));
        let verdict = alimail(&Mail::new("see attached").with(&file.0, &file.1));
        let want = if depth <= 5 { Sight::Rule } else { Sight::Reviewer };
        assert_eq!(seen(&verdict), [want], "{depth} deep");
    }
    // A compressed tar is one archive.
    let mut file = ("a.txt".to_owned(), format!("身份证号：{ID}").into_bytes());
    for depth in 1..=6 {
        file = (format!("{depth}.tar.gz"), gz("", &tar(&[(file.0.as_str(), &file.1)])));
        let verdict = alimail(&Mail::new("see attached").with(&file.0, &file.1));
        let want = if depth <= 5 { Sight::Rule } else { Sight::Reviewer };
        assert_eq!(seen(&verdict), [want], "{depth} tars deep");
    }
}

#[test]
fn a_hundred_members_are_read() {
    let text = format!("身份证号：{ID}");
    for (count, want) in [(100, Sight::Rule), (101, Sight::Reviewer)] {
        let names: Vec<String> = (1..=count).map(|number| format!("{number}.txt")).collect();
        let members: Vec<(&str, &[u8])> = names
            .iter()
            .enumerate()
            .map(|(index, name)| {
                (name.as_str(), if index + 1 == count { text.as_bytes() } else { b"nothing" })
            })
            .collect();
        let verdict = alimail(&Mail::new("see attached").with("a.zip", &zip(&members)));
        assert_eq!(seen(&verdict), [want], "{count} members");
    }
}

/// A PDF of one page that says `text`, filled up to `size` bytes.
fn pdf(text: &str, size: usize) -> Vec<u8> {
    let content = format!("BT /F1 12 Tf 72 700 Td ({text}) Tj ET");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
            .to_owned(),
        format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_owned(),
    ];
    let mut bytes = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut places = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        places.push(bytes.len());
        bytes.extend(format!("{} 0 obj{object}endobj\n", index + 1).bytes());
    }
    let filler = size.saturating_sub(bytes.len() + 300);
    bytes.extend([b"%".as_slice(), &vec![b'x'; filler], b"\n"].concat());
    let table = bytes.len();
    bytes.extend(format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1).bytes());
    for place in &places {
        bytes.extend(format!("{place:010} 00000 n \n").bytes());
    }
    bytes.extend(
        format!("trailer<</Size {}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n", places.len() + 1).bytes(),
    );
    bytes
}

#[test]
fn documents_are_read_by_the_rule_up_to_their_size() {
    let text = format!("Chinese ID card number: {ID}");
    for (size, want) in [(1000, Sight::Rule), (4 << 20, Sight::Rule), (6 << 20, Sight::Reviewer)] {
        let verdict = alimail(&Mail::new("see attached").with("plan.pdf", &pdf(&text, size)));
        assert_eq!(seen(&verdict), [want], "{size} bytes");
        assert_eq!(verdict.attachments[0].seen, want);
    }
}

#[test]
fn messages_in_files_are_text_and_their_attachments_nobody_has_promised_to_read() {
    let inner = eml(&format!("身份证号：{ID}"), "b.txt", format!("身份证号：{ID}").as_bytes());
    let verdict = alimail(&Mail::new("see attached").with("mail.eml", &inner));
    assert_eq!(seen(&verdict), [Sight::Rule, Sight::Reviewer]);
}

#[test]
fn encrypted_files_are_seen_by_nobody_or_by_who_has_the_password() {
    let locked = zip_locked(&[("a.txt", format!("身份证号：{ID}").as_bytes())], "Kestrel@9", true);
    let verdict = alimail(&Mail::new("password: Kestrel@9").with("a.zip", &locked));
    assert_eq!(seen(&verdict), [Sight::Reviewer]);
    let verdict = alimail(&Mail::new("I call you").with("a.zip", &locked));
    assert!(verdict.attachments.iter().any(|file| file.seen == Sight::Nobody));
}

#[test]
fn an_auditor_that_reads_everything_reads_everything() {
    let deep = (0..7).fold(format!("身份证号：{ID}").into_bytes(), |bytes, depth| {
        zip(&[(if depth == 0 { "a.txt" } else { "a.zip" }, &bytes)])
    });
    let filter = Filter::new(Policy::shipped(), Detail::Places).expect("the shipped policy compiles");
    let verdict = filter.check(&Mail::new("see attached").with("a.zip", &deep).raw(), &Envelope::default());
    assert_eq!(seen(&verdict), [Sight::Rule]);
    assert!(Arc::ptr_eq(&verdict.auditor, &filter.policy().auditor));
}
