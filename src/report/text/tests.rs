use std::{fs, path::Path, sync::Arc};

use super::*;
use crate::{
    Filter,
    detect::Confidence,
    message::NotInspected,
    policy::{Action, Category, Document, Localised, Policy, Rule},
    samples,
    span::Span,
    verdict::{Detail, Envelope, Excerpt, Sight},
    zone::Zone,
};

const EN: Text =
    Text { language: Language::English, colour: false, show_matches: false, explain: false, width: 80 };
const ZH: Text = Text { language: Language::Chinese, ..EN };

/// A verdict for tests of reports.
pub(in crate::report) fn verdict(
    decision: Decision,
    probability: f64,
    reasons: Vec<(Reason, Vec<Found>)>,
) -> Verdict {
    let (reasons, findings): (Vec<Reason>, Vec<Vec<Found>>) = reasons.into_iter().unzip();
    Verdict {
        message_id: None,
        decision,
        probability,
        categories: Category::JUDGED.map(|category| (category, 0.0)),
        reasons,
        findings: findings.into_iter().flatten().collect(),
        ignored: Vec::new(),
        not_inspected: Vec::new(),
        attachments: Vec::new(),
        auditor: Policy::shipped().auditor,
        masked_names: std::collections::BTreeMap::new(),
        obstacles: None,
    }
}

/// A reason by a rule of its own with its findings.
pub(in crate::report) fn reason(id: &str, contribution: f64, findings: Vec<Found>) -> (Reason, Vec<Found>) {
    let rule = rule(id);
    let findings: Vec<Found> =
        findings.into_iter().map(|found| Found { rule: Arc::clone(&rule), ..found }).collect();
    let mut values: Vec<&Matched> = findings.iter().map(|found| &found.value).collect();
    values.dedup();
    (Reason { rule: Arc::clone(&rule), count: values.len(), contribution, terms: Vec::new() }, findings)
}

fn rule(id: &str) -> Arc<Rule> {
    let localised = |en: &str, zh: &str| Localised { en: en.to_owned(), zh: zh.to_owned() };
    let category = match id.split_once('.').expect("an id has two parts").0 {
        "advertising" => Category::Advertising,
        "structure" => Category::Structure,
        _ => Category::Pii,
    };
    let kind = match category {
        Category::Advertising => {
            Kind::Lexicon { terms: Vec::new(), strong: Vec::new(), allow: Vec::new(), exempt: Vec::new() }
        }
        Category::Structure => Kind::Structure { check: String::new(), values: Vec::new() },
        _ => Kind::Entity {
            entity: String::new(),
            keywords: Vec::new(),
            hints: Vec::new(),
            negative: Vec::new(),
            test_values: Vec::new(),
            needs_context: false,
            public: false,
            counts: Vec::new(),
        },
    };
    Arc::new(Rule {
        also_internal: false,
        id: id.to_owned(),
        pack: "test".to_owned(),
        source: (Arc::new(Document::new("test", "")), 0),
        category,
        kind,
        weight: 1.0,
        cap: 1.0,
        growth: 0.0,
        zones: Vec::new(),
        action: Action::Score,
        needs_promotion: false,
        replacements: [("hurry".to_owned(), "by Friday".to_owned())].into(),
        message: localised("a thing", "某物"),
        why: localised(
            "It is known to be refused by auditors of all kinds and in all countries of the world.",
            "它会被拒绝。",
        ),
        fix: localised("Remove it.", "删除它。"),
        matches: Vec::new(),
        no_matches: Vec::new(),
    })
}

/// A private value, `<`...`>` around its mask in the line.
fn private(position: Option<(usize, usize)>, line: &str, canonical: &str) -> Found {
    let found = term(position, line);
    let masked = line[line.find('<').expect("opened") + 1..line.find('>').expect("closed")].to_owned();
    Found { value: Matched::Private { canonical: canonical.to_owned(), masked }, ..found }
}

/// A term, `<`...`>` around it in the line.
fn term(position: Option<(usize, usize)>, line: &str) -> Found {
    let (start, end) = (line.find('<').expect("opened"), line.find('>').expect("closed"));
    Found {
        rule: rule("test.any"),
        confidence: Confidence::High,
        zone: Zone::Authored,
        part: "1".to_owned(),
        place: Vec::new(),
        span: None,
        position,
        value: Matched::Term(line[start + 1..end].into()),
        fingerprint: None,
        evasion: None,
        trace: None,
        seen: Sight::Rule,
        excerpt: Some(Excerpt { line: line.replace(['<', '>'], ""), span: Span::new(start, end - 1) }),
    }
}

fn written(name: &str, verdict: &Verdict, options: &Text) -> String {
    let mut out = Vec::new();
    write(&mut out, name, verdict, options).expect("memory takes all");
    String::from_utf8(out).expect("a report is UTF-8")
}

#[test]
fn a_value_in_a_chinese_line() {
    let found = Found {
        zone: Zone::Attachment,
        place: vec!["名单.xlsx".to_owned(), "Table 2!C14".to_owned()],
        ..private(Some((41, 9)), "客户张三的身份证号：<110101********1233>，请查收", "110101199003071233")
    };
    let verdict = verdict(Decision::Reject, 0.934, vec![reason("pii.thing", 3.4, vec![found])]);
    let want = "\
draft.eml：很可能被拒（93%）

某物：1 个值 [pii.thing，占依据的 100%]
  --> draft.eml:41:9，“名单.xlsx” 中，表格 2 的 C14 单元格
41 | 客户张三的身份证号：110101********1233，请查收
   |                     ^^^^^^^^^^^^^^^^^^ 可信度高
  原因：它会被拒绝。
  处理：删除它。

请遮盖或删除以上内容，然后重新检查。
";
    assert_eq!(written("draft.eml", &verdict, &ZH), want);
}

#[test]
fn terms_of_a_line_share_an_excerpt() {
    let line = |term: &str| "hurry, only 3 seats left, act now".replace(term, &format!("<{term}>"));
    let far = "…deal of the century that nobody who has seen it would ever want to <miss out> on";
    let findings = vec![
        term(Some((12, 1)), &line("hurry")),
        term(Some((12, 8)), &line("only 3 seats")),
        term(Some((12, 27)), &line("act now")),
        term(Some((140, 70)), far),
    ];
    let verdict = verdict(Decision::Review, 0.312, vec![reason("advertising.thing", 1.0, findings)]);
    let want = "\
a.eml: needs review (31 %)

a thing: 4 different terms [advertising.thing, 100 % of the evidence]
   --> a.eml:12:1
 12 | hurry, only 3 seats left, act now
    | ^^^^^  ^^^^^^^^^^^^       ^^^^^^^ high confidence
   --> a.eml:140:70
140 | ...that nobody who has seen it would ever want to miss out on
    |                                                   ^^^^^^^^ high confidence
  why: It is known to be refused by auditors of all kinds and in all countries
       of the world.
  fix: Remove it.
  write: \"by Friday\" for \"hurry\"

Change the wording above and check again.
";
    assert_eq!(written("a.eml", &verdict, &EN), want);
}

#[test]
fn what_passes_is_said_plainly() {
    let mut clean = verdict(Decision::Pass, 0.03, Vec::new());
    assert_eq!(
        written("a.eml", &clean, &EN),
        "a.eml: passes (3 %): nothing found that an auditor would object to\n"
    );
    let image = |name: &str, reason| NotInspected {
        part: "2".to_owned(),
        place: vec![name.to_owned()],
        reason,
        what: "image/png, 12 kB".to_owned(),
    };
    clean.not_inspected = vec![image("IMG_13812345678.png", Unread::Image)];
    assert_eq!(
        written("a.eml", &clean, &ZH),
        "a.eml：可以通过（3%），已读取的内容中未发现问题\n\n未能读取：\n  “IMG_138****5678.png”：图片（image/png, 12 kB）\n  \
         未识别图片中的文字，请确认图片里没有不宜外发的内容。\n"
    );
    let unread =
        Verdict { decision: Decision::Review, not_inspected: vec![image("a.zip", Unread::Archive)], ..clean };
    assert_eq!(
        written("a.eml", &unread, &EN),
        "a.eml: needs review: not all of it could be read (the rest: 3 %)\n\nnot read:\n  \
         \"a.zip\": an archive (image/png, 12 kB)\n  These parts were not judged. Look at them yourself before sending.\n\n\
         Look through the parts that were not read, or send them in a form that can be\nread.\n"
    );
}

#[test]
fn what_does_not_count_is_listed_without_values() {
    let seen = |why, count| Seen { rule: rule("pii.thing"), why, count };
    let ignored = vec![
        seen(Ignored::Zone(Zone::Signature), 2),
        seen(Ignored::TestValue, 1),
        seen(Ignored::Prose, 1),
        seen(Ignored::Internal, 1),
        seen(Ignored::NotPromotional, 1),
        seen(Ignored::Exempt, 1),
        seen(Ignored::Sender, 1),
        seen(Ignored::Waived("our \u{1b}[5mhotline".to_owned()), 3),
    ];
    let verdict = Verdict { ignored, ..verdict(Decision::Pass, 0.03, Vec::new()) };
    let want = "\
a.eml: passes (3 %): nothing found that an auditor would object to

seen, not counted:
  a thing (2 ×): in the signature
  a thing (1 ×): published test number
  a thing (1 ×): in running text, not as a marking
  a thing (1 ×): the mail stays within the organisation
  a thing (1 ×): the mail is not promotional
  a thing (1 ×): excused by what the sentence says
  a thing (1 ×): this sender may send it
  a thing (3 ×): waived: our \\u{1b}[5mhotline
";
    assert_eq!(written("a.eml", &verdict, &EN), want);
}

#[test]
fn findings_without_a_line_are_one_line_each() {
    let found = |zone, place: &[&str], part: &str, value| Found {
        zone,
        part: part.to_owned(),
        place: place.iter().map(|name| (*name).to_owned()).collect(),
        excerpt: None,
        value,
        ..term(None, "<x>")
    };
    let hidden =
        Matched::Private { canonical: "4111111111111111".to_owned(), masked: "411111******1111".to_owned() };
    let findings = vec![
        found(Zone::Filename, &["attached message", "setup.exe"], "2.1", Matched::None),
        found(Zone::Header, &[], "", Matched::None),
        found(Zone::Quoted, &["4111111111111111.txt"], "3", hidden),
    ];
    let verdict = verdict(Decision::Reject, 0.95, vec![reason("structure.thing", 4.0, findings)]);
    let report = written("a.eml", &verdict, &EN);
    let lines: Vec<&str> = report.lines().filter(|line| line.contains("-->")).collect();
    assert_eq!(
        lines,
        [
            " --> a.eml, file name an attached message > \"setup.exe\", high confidence",
            " --> a.eml, the message as a whole, high confidence",
            " --> a.eml",
        ]
    );
    assert!(
        report.contains("in quoted text, in \"411*********1111.txt\", 411111******1111, high"),
        "{report}"
    );
}

#[test]
fn more_findings_are_counted() {
    let line = |index: usize| {
        private(Some((index, 1)), &format!("row {index}: <1**{index}>"), &format!("1000{index}"))
    };
    let verdict =
        verdict(Decision::Reject, 0.9, vec![reason("pii.thing", 4.0, (1..=17).map(line).collect())]);
    let report = written("a.eml", &verdict, &EN);
    assert_eq!(report.matches("^^^^").count(), 5, "{report}");
    assert!(report.contains("\n  … and 12 more\n"), "{report}");
}

#[test]
fn nothing_hostile_reaches_the_terminal() {
    let evil =
        "\u{1b}]0;x\u{7}\u{1b}[2J\u{202e}\u{2066}\u{9b}31m\u{200b}\u{feff}\u{7f}\r\u{85}\u{2028}\u{e0041}";
    let mut found =
        private(Some((3, 1)), &format!("价格{evil}<1234{evil}>{evil}"), &format!("12345678{evil}"));
    found.place = vec![format!("{evil}.xlsx")];
    found.zone = Zone::Attachment;
    let mut named = found_in_name(evil);
    named.zone = Zone::Filename;
    let mut verdict = verdict(Decision::Reject, 0.9, vec![reason("pii.thing", 4.0, vec![found, named])]);
    verdict.ignored = vec![Seen { rule: rule("pii.thing"), why: Ignored::Waived(evil.to_owned()), count: 1 }];
    verdict.not_inspected = vec![NotInspected {
        part: "2".to_owned(),
        place: vec![evil.to_owned()],
        reason: Unread::Unknown,
        what: evil.to_owned(),
    }];
    for show_matches in [false, true] {
        for language in [Language::English, Language::Chinese] {
            for width in [0, 1, 20, 40, 80, 1000] {
                let options = Text { language, colour: false, show_matches, explain: false, width };
                let report = written(&format!("{evil}.eml"), &verdict, &options);
                let bad: Vec<char> = report
                    .chars()
                    .filter(|c| (c.is_control() && *c != '\n') || evil.contains(*c) && !c.is_ascii_graphic())
                    .collect();
                assert!(bad.is_empty(), "{bad:?} in {report:?}");
            }
        }
    }
}

#[test]
fn findings_that_cannot_be_seen_are_shown() {
    for line in
        ["a<\u{200b}>b", "<\u{200b}>", "<>", "<\u{301}>", "中<\u{fe0f}>", "👩\u{200d}👩\u{200d}👧 <x>"]
    {
        let found = private(Some((3, 1)), line, "12345678");
        let verdict = verdict(Decision::Reject, 0.9, vec![reason("pii.thing", 4.0, vec![found])]);
        let report = written("a.eml", &verdict, &EN);
        assert!(report.contains("--> a.eml:3:1") && report.contains("high confidence"), "{line:?}: {report}");
    }
}

fn found_in_name(name: &str) -> Found {
    let line = format!("{name}<340104********0523>.pdf");
    let found = private(Some((9, 9)), &line, "340104199003070523");
    Found { place: vec![format!("{name}340104199003070523.pdf")], ..found }
}

#[test]
fn values_are_shown_only_on_request() {
    let found = || private(Some((3, 1)), "card <411111******1111> ok", "4111111111111111");
    let verdict = verdict(Decision::Reject, 0.9, vec![reason("pii.thing", 4.0, vec![found()])]);
    assert!(!written("a.eml", &verdict, &EN).contains("4111111111111111"));
    let shown = written("a.eml", &verdict, &Text { show_matches: true, explain: false, ..EN });
    assert!(shown.contains("^ high confidence: 4111111111111111\n"), "{shown}");
}

/// Over the whole corpus: no value, no line over the width but for names, carets under what was found, the same words with colour.
#[test]
fn the_corpus_is_reported_without_its_values() {
    let filter = Filter::new(Policy::shipped(), Detail::Excerpts).expect("the shipped policy compiles");
    let (mut reports, mut values, mut carets) = (0, 0, 0);
    for path in messages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")) {
        let verdict = filter.check(&samples::fill(&fs::read(&path).expect("readable")), &Envelope::default());
        for options in [EN, ZH, Text { width: 40, ..EN }, Text { width: 40, ..ZH }, Text { width: 200, ..EN }]
        {
            let report = written("m.eml", &verdict, &options);
            for found in &verdict.findings {
                if let Matched::Private { canonical, .. } = &found.value {
                    assert!(!report.contains(canonical.as_str()), "{}:\n{report}", path.display());
                    values += 1;
                }
            }
            // A word that is longer than a line stands over.
            for line in report.lines().filter(|line| line.trim().contains(' ') && !line.contains("--> m.eml"))
            {
                assert!(width(line) <= options.width, "{} columns: {line}\n{}", width(line), path.display());
            }
            for text in pointed_at(&report) {
                assert!(is_found(&text, &verdict), "carets under {text:?} in {}:\n{report}", path.display());
                carets += 1;
            }
            let coloured = written("m.eml", &verdict, &Text { colour: true, ..options });
            assert_eq!(without_styles(&coloured), report, "{}", path.display());
            reports += 1;
        }
    }
    assert!(
        reports >= 300 && values >= 300 && carets >= 300,
        "{reports} reports, {values} values, {carets} carets"
    );
}

/// What stands above each run of carets, by display columns.
fn pointed_at(report: &str) -> Vec<String> {
    let mut pointed = Vec::new();
    let lines: Vec<&str> = report.lines().collect();
    for pair in lines.windows(2).filter(|pair| pair[1].contains("| ") && pair[1].contains('^')) {
        let runs = pair[1].split(|c| c != '^').filter(|run| !run.is_empty());
        for run in runs {
            let start = run.as_ptr() as usize - pair[1].as_ptr() as usize;
            let mut column = 0;
            let inside = pair[0].chars().filter(|c| {
                let at = column;
                column += width(c.encode_utf8(&mut [0; 4]));
                (start..start + run.len()).contains(&at)
            });
            pointed.push(inside.collect());
        }
    }
    pointed
}

/// Whether that is a finding, or the start of one, or one and what adjoins it.
fn is_found(text: &str, verdict: &Verdict) -> bool {
    verdict.findings.iter().filter_map(|found| found.excerpt.as_ref()).any(|excerpt| {
        let (line, span) = line::visible(&excerpt.line, excerpt.span);
        let found = &line[span.start..span.end];
        !text.is_empty() && (found.starts_with(text) || text.starts_with(found))
    })
}

fn without_styles(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let first = pieces.next().unwrap_or("").to_owned();
    pieces.fold(first, |out, piece| out + piece.split_once('m').expect("only styles").1)
}

fn messages(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("corpus/ is there") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            found.extend(messages(&path));
        } else if path.extension().is_some_and(|ending| ending == "eml") {
            found.push(path);
        }
    }
    found.sort();
    found
}
