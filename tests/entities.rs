//! Values of every entity in a sentence with their keyword, valid and invalid, as `tests/entities/*.tsv` lists them.
//!
//! Valid ones are found at the confidence that the table names, or above; invalid ones are no finding of medium confidence or more of any rule.

use std::{fs, path::Path};

use presend::{
    Filter,
    detect::{Confidence, Ignored},
    policy::{Action, Policy},
    verdict::{Detail, Envelope, Found, Verdict},
};

/// A line of a table.
#[derive(Debug)]
struct Case {
    rule: String,
    sentence: String,
    value: String,
    want: String,
}

impl Case {
    /// Whether a rule is the one that the table names, or one of those: passports of several countries look alike.
    fn is(&self, rule: &str) -> bool {
        self.rule.split('|').any(|named| named == rule)
    }
}

#[test]
fn every_value_is_as_its_table_says() {
    let filter = Filter::new(Policy::shipped(), Detail::Excerpts).expect("the shipped policy compiles");
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

/// A way to disguise a value, and what a report calls it.
struct Disguise {
    name: &'static str,
    applies: fn(&Case) -> bool,
    wear: fn(&str) -> String,
}

/// Values in these are firm enough to be believed in pieces.
const FIRM: &[&str] = &["pii.cn-resident-id", "pii.bank-card", "pii.cn-mobile"];

fn is_firm(case: &Case) -> bool {
    FIRM.contains(&case.rule.as_str()) && digits(&case.value).len() >= 11 && case.want != "low"
}

/// Values whose case matters are read as they are written.
fn folds(case: &Case) -> bool {
    case.rule != "pii.crypto-address"
}

fn digits(value: &str) -> String {
    value.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Every digit of a value by another character.
fn each_digit(value: &str, to: fn(u32) -> char) -> String {
    value.chars().map(|c| c.to_digit(10).map_or(c, to)).collect()
}

/// The letters and digits of a value with `sign` between.
fn spread(value: &str, sign: &str) -> String {
    digits(value).chars().map(String::from).collect::<Vec<_>>().join(sign)
}

const DISGUISES: &[Disguise] = &[
    Disguise {
        name: "full-width",
        applies: folds,
        wear: |value| each_digit(value, |digit| char::from_u32(0xff10 + digit).expect("a digit")),
    },
    Disguise {
        name: "foreign-digits",
        applies: folds,
        wear: |value| each_digit(value, |digit| char::from_u32(0x660 + digit).expect("a digit")),
    },
    Disguise {
        name: "foreign-digits",
        applies: folds,
        wear: |value| each_digit(value, |digit| char::from_u32(0x1d7ce + digit).expect("a digit")),
    },
    Disguise {
        name: "invisible",
        applies: |_| true,
        wear: |value| value.chars().map(String::from).collect::<Vec<_>>().join("\u{200b}"),
    },
    Disguise {
        name: "invisible",
        applies: |_| true,
        wear: |value| value.chars().map(String::from).collect::<Vec<_>>().join("\u{ad}"),
    },
    Disguise { name: "separators", applies: is_firm, wear: |value| spread(value, " ") },
    Disguise { name: "separators", applies: is_firm, wear: |value| spread(value, "-") },
    Disguise { name: "separators", applies: is_firm, wear: |value| spread(value, ".") },
    Disguise { name: "separators", applies: is_firm, wear: |value| spread(value, " / ") },
    Disguise { name: "line-breaks", applies: is_firm, wear: |value| spread(value, "\n") },
    Disguise {
        name: "look-alikes",
        applies: |case| is_firm(case) && digits(&case.value).contains(['0', '1']),
        wear: |value| digits(value).replacen('0', "O", 4).replacen('1', "l", 1),
    },
    Disguise {
        name: "chinese-numerals",
        applies: |case| is_firm(case) && !case.value.contains(['X', 'x']),
        wear: |value| {
            each_digit(&digits(value), |digit| {
                "零一二三四五六七八九".chars().nth(digit as usize).expect("a digit")
            })
        },
    },
    Disguise {
        name: "chinese-numerals",
        applies: |case| is_firm(case) && !case.value.contains(['X', 'x']),
        wear: |value| {
            each_digit(&digits(value), |digit| {
                "〇壹贰叁肆伍陆柒捌玖".chars().nth(digit as usize).expect("a digit")
            })
        },
    },
    Disguise {
        name: "chinese-numerals",
        applies: |case| is_firm(case) && digits(&case.value).contains('8'),
        wear: |value| digits(value).replace('8', "八"),
    },
    Disguise {
        name: "encoded",
        applies: is_firm,
        wear: |value| digits(value).bytes().map(|byte| format!("%{byte:02X}")).collect(),
    },
    Disguise {
        name: "encoded",
        // Few numbers have no digit in their base64: those look like words.
        applies: |case| {
            is_firm(case) && base64(digits(&case.value).as_bytes()).contains(|c: char| c.is_ascii_digit())
        },
        wear: |value| base64(digits(value).as_bytes()),
    },
];

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes
        .chunks(3)
        .flat_map(|chunk| {
            let bits =
                chunk.iter().chain([&0, &0]).take(3).fold(0u32, |bits, byte| bits << 8 | u32::from(*byte));
            let six = move |at: usize| char::from(ALPHABET[(bits >> (18 - 6 * at)) as usize & 63]);
            (0..4).map(move |at| if at <= chunk.len() { six(at) } else { '=' })
        })
        .collect()
}

#[test]
fn values_are_found_through_every_disguise() {
    let filter = Filter::new(Policy::shipped(), Detail::Excerpts).expect("the shipped policy compiles");
    let cases = cases();
    let (mut count, mut failures) = (0, Vec::new());
    let visible = cases.iter().filter(|case| {
        matches!(case.want.as_str(), "high" | "medium")
            && case.value.bytes().any(|b| b.is_ascii_digit())
            && !case.value.contains(['{', '\n'])
    });
    for case in visible {
        for disguise in DISGUISES.iter().filter(|disguise| (disguise.applies)(case)) {
            count += 1;
            let text = case.sentence.replace("{}", &(disguise.wear)(&case.value));
            let verdict = check(&filter, &text);
            let found = verdict.findings.iter().find(|found| {
                case.is(&found.rule.id) && found.confidence >= Confidence::Medium && found.evasion.is_some()
            });
            let is_test =
                verdict.ignored.iter().any(|seen| case.is(&seen.rule.id) && seen.why == Ignored::TestValue);
            match found {
                None if !is_test => failures.push(format!("{}: not found in {text:?}", case.rule)),
                Some(found) if found.evasion.map(|evasion| evasion.as_str()) != Some(disguise.name) => {
                    failures.push(format!(
                        "{}: {:?} is not {} in {text:?}",
                        case.rule, found.evasion, disguise.name
                    ));
                }
                _ => {}
            }
        }
    }
    assert!(count > 300, "only {count} disguised values");
    assert!(failures.is_empty(), "{} of {count}:\n{}", failures.len(), failures.join("\n"));
}

/// Values that begin or end with letters, or that little more than their label makes firm: rule, label, value.
const LABELLED: &[(&str, &str, &str)] = &[
    ("pii.cn-resident-id", "请核对王丽华的身份证号：", "11010519491231002X"),
    ("pii.bank-card", "工资卡卡号：", "6222029722818662017"),
    ("pii.bank-card", "Card number: ", "378282246310005"),
    ("pii.cn-mobile", "手机号：", "13912345678"),
    ("pii.cn-passport", "护照号码：", "EB1234567"),
    ("pii.cn-hk-macau-permit", "往来港澳通行证号码：", "C12345678"),
    ("pii.cn-home-return-permit", "回乡证号码：", "H1234567801"),
    ("pii.hk-hkid-plain", "HKID: ", "G123456A"),
    ("pii.tw-national-id", "台湾身份证字号：", "A123456789"),
    ("pii.iban", "IBAN: ", "DE02120300000000202051"),
    ("pii.us-ssn", "her social security number is ", "536904399"),
    ("pii.uk-nino", "National Insurance number: ", "AB123456C"),
    ("pii.in-pan", "PAN card number ", "ABCPK1234F"),
    ("pii.sg-nric", "NRIC no. ", "S1234567D"),
    ("pii.fi-hetu", "Henkilötunnus: ", "131052-308T"),
    ("pii.es-nie", "NIE: ", "X2345678T"),
    ("pii.it-codice-fiscale", "Codice fiscale: ", "RSSMRA85T10A562S"),
];

/// The letters and digits of a value in groups of these sizes, over and over, with these signs between.
fn grouped(value: &str, sizes: &[usize], signs: &[&str]) -> String {
    let plain = digits(value);
    let (mut out, mut at) = (String::new(), 0);
    for (size, sign) in sizes.iter().cycle().zip(signs.iter().cycle()) {
        let end = plain.len().min(at + size);
        out.push_str(&plain[at..end]);
        if end == plain.len() {
            return out;
        }
        out.push_str(sign);
        at = end;
    }
    out
}

#[test]
fn labelled_values_are_found_in_pieces() {
    let filter = Filter::new(Policy::shipped(), Detail::Excerpts).expect("the shipped policy compiles");
    let ways: &[(&[usize], &[&str])] = &[
        (&[1], &[" "]),
        (&[1], &["·"]),
        (&[1], &["、"]),
        (&[1], &["#"]),
        (&[1], &["\n"]),
        (&[1], &[" - "]),
        (&[2], &["-"]),
        (&[3], &[" "]),
        (&[4], &["\n"]),
        (&[1, 3, 2], &[" ", "-"]),
        (&[3, 1, 1, 2], &["--", " . ", "/"]),
        (&[2, 5], &["_"]),
        (&[3], &[")("]),
    ];
    let mut failures = Vec::new();
    for (rule, label, value) in LABELLED {
        for (sizes, signs) in ways {
            for end in ["", "\n谢谢", "\n2. The other papers follow next week."] {
                let text = format!("{label}{}{end}", grouped(value, sizes, signs));
                // The end of a long line is no end.
                if end.len() > 10 && text.lines().next().is_some_and(|line| line.len() >= 52) {
                    continue;
                }
                let verdict = check(&filter, &text);
                let is_found = verdict
                    .findings
                    .iter()
                    .any(|found| found.rule.id == *rule && found.confidence >= Confidence::Medium)
                    || verdict.ignored.iter().any(|seen| seen.rule.id == *rule);
                if !is_found {
                    failures.push(format!("{rule}: {text:?}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}:\n{}", failures.len(), failures.join("\n"));
}

/// Whoever groups a number otherwise than it is printed has sent it all the same.
#[test]
fn a_number_grouped_otherwise_is_found_in_pieces() {
    let filter = Filter::new(Policy::shipped(), Detail::Excerpts).expect("the shipped policy compiles");
    for (rule, text) in [
        ("pii.us-itin", "Individual taxpayer identification number: ITIN 91-2903-456"),
        ("pii.ph-sss", "Pakisuri ang SSS number: 341-287465-3"),
        ("pii.ph-sss", "Her SSS number is 3-41287465-3 for the loan."),
        ("pii.ph-umid", "Pakisuri ang UMID: 011-12847365-9 ng empleyado"),
        ("pii.ph-umid", "The UMID number is 01112-847365-9 on the card."),
    ] {
        let verdict = check(&filter, text);
        let found = verdict.findings.iter().find(|found| found.rule.id == rule);
        let evasion = found.and_then(|found| found.evasion).map(|evasion| evasion.as_str());
        assert_eq!(evasion, Some("separators"), "{text}");
    }
}

#[test]
fn what_is_encoded_may_name_its_values() {
    let filter = Filter::new(Policy::shipped(), Detail::Excerpts).expect("the shipped policy compiles");
    for (text, rule) in [
        (base64("身份证号：110101199003071233".as_bytes()), "pii.cn-resident-id"),
        (base64("护照号码：E12345678".as_bytes()), "pii.cn-passport"),
        ("passport%20number%3A%20E12345678".to_owned(), "pii.cn-passport"),
        ("手机号：1%33%381%3234%35678".to_owned(), "pii.cn-mobile"),
    ] {
        let verdict = check(&filter, &text);
        let found = verdict.findings.iter().find(|found| found.rule.id == rule);
        let evasion = found.and_then(|found| found.evasion).map(|evasion| evasion.as_str());
        assert_eq!(evasion, Some("encoded"), "{text}");
    }
    let order = base64("订单号：110101199003071234，已发货".as_bytes());
    assert!(firm(&check(&filter, &order)).is_none());
}

#[test]
fn a_label_that_no_rule_knows_names_another_kind_of_number() {
    let filter = Filter::new(Policy::shipped(), Detail::Excerpts).expect("the shipped policy compiles");
    // Its digits pass the check of a card.
    let number = "5953737832985";
    for label in ["电表号：", "租户编码 ", "锅炉代码为"] {
        let text = format!("信用卡业务办理如下\n{label}{number}");
        assert!(firm(&check(&filter, &text)).is_none(), "{text}");
    }
    let text = "信用卡业务办理如下\n信用卡号码：5555341244441115";
    assert!(firm(&check(&filter, text)).is_some());
}

#[test]
fn values_are_found_over_tags_cells_and_subject() {
    let filter = Filter::new(Policy::shipped(), Detail::Excerpts).expect("the shipped policy compiles");
    let html = "Content-Type: text/html; charset=utf-8\n\n";
    for (raw, name) in [
        (format!("{html}<p>身份证号：110<b></b>101<i>19900307</i>1233</p>"), "tags"),
        (format!("{html}<p>身份证号：11010119900307&#49;233</p>"), "tags"),
        (
            format!("{html}<table><tr><td>身份证号</td><td>110101</td><td>19900307</td><td>1233</td></tr></table>"),
            "cells",
        ),
        (
            format!("{html}<table><tr><td>身份证号码是：</td><td>1101</td><td>0119</td><td>9003</td><td>0712</td><td>33</td></tr></table>"),
            "cells",
        ),
        ("Subject: =?utf-8?B?6Lqr5Lu96K+B5Y+3IDExMDEwMTE5OTAw?=\nContent-Type: text/plain; charset=utf-8\n\n3071233\n请登记".to_owned(), "subject-and-text"),
    ] {
        let verdict = filter.check(raw.as_bytes(), &Envelope::default());
        let found = verdict.findings.iter().find(|found| found.rule.id == "pii.cn-resident-id");
        let evasion = found.and_then(|found| found.evasion).map(|evasion| evasion.as_str());
        assert_eq!(evasion, Some(name), "{raw}");
    }
}

#[test]
fn a_subject_names_what_the_text_holds() {
    let filter = Filter::new(Policy::shipped(), Detail::Excerpts).expect("the shipped policy compiles");
    for (subject, found) in [("My passport number", true), ("Weekly report", false)] {
        let raw =
            format!("Subject: {subject}\nContent-Type: text/plain; charset=utf-8\n\nHere it is: E12345678\n");
        let verdict = filter.check(raw.as_bytes(), &Envelope::default());
        assert_eq!(
            verdict.findings.iter().any(|found| found.rule.id == "pii.cn-passport"),
            found,
            "{subject}"
        );
    }
}

#[test]
fn what_only_looks_disguised_is_nothing() {
    let filter = Filter::new(Policy::shipped(), Detail::Excerpts).expect("the shipped policy compiles");
    for text in [
        "价格：1 1 0 1 0 1 1 9 9 0 0 3 0 7 1 2 3 3",
        "二〇二六年十一月二十四日，第三季度共一百一十二笔",
        "银行卡业务报价：12 15 18 20 25 30 35 40 45 50 60 70 80 90",
        "版本 1.1.0.1.0.1.1.9.9.0",
        "手机配件 10 20 30 40 50 60",
        "身份证办理时间 2026-11-24 09:00 至 2026-12-24 17:00",
        "一、二、三、四、五、六、七、八、九、十",
        "台胞证：2023 年 4164，2024 年 6178，2025 年 8227",
        "台胞证 2026-03-01",
        "SSN 1,705,212.59",
        "台胞证网点坐标 39.924543, 116.689539",
        "银行卡号：6 2 2 1 5 0 8 0 2 3 0 5 6 9 0 1",
        "银行卡号：6222029722818662018\n9 月起执行新的报销标准",
        "credit card夹尺寸 43*56*97 88*82*57 34*95*16",
        "passport holders: gates 12 34 56 78 9",
        "护照阅读器 型号 E-1234-5678",
    ] {
        let firm: Vec<String> = check(&filter, text)
            .findings
            .iter()
            .filter(|found| found.confidence >= Confidence::Medium)
            .map(|found| found.rule.id.clone())
            .collect();
        assert!(firm.is_empty(), "{firm:?} in {text:?}");
    }
}

/// What is wrong with the verdict on a case.
fn problem(case: &Case, verdict: &Verdict) -> Option<String> {
    let found = verdict.findings.iter().filter(|found| case.is(&found.rule.id));
    let most = found.map(|found| found.confidence).max();
    let least = match case.want.as_str() {
        "none" => {
            let firm = firm(verdict)?;
            return Some(format!("{} found at {}", firm.rule.id, firm.confidence.as_str()));
        }
        "public" => {
            let is_seen =
                verdict.ignored.iter().any(|seen| case.is(&seen.rule.id) && seen.why == Ignored::Public);
            return match firm(verdict) {
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
    let is_test = verdict.ignored.iter().any(|seen| case.is(&seen.rule.id) && seen.why == Ignored::TestValue);
    (most < Some(least) && !is_test)
        .then(|| format!("found at {:?}, wanted {}", most.map(Confidence::as_str), case.want))
}

/// A finding of medium confidence or more that counts.
fn firm(verdict: &Verdict) -> Option<&Found> {
    let is_firm = |found: &&Found| {
        found.confidence >= Confidence::Medium && found.rule.weight > 0.0 && found.rule.action != Action::Note
    };
    verdict.findings.iter().find(is_firm)
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

#[test]
fn of_many_numbers_some_pass_by_chance() {
    let filter = Filter::new(Policy::shipped(), Detail::Excerpts).expect("the shipped policy compiles");
    // The first passes the check of a bank card; twenty beside it, of the same form, do not.
    let mut lines = vec!["4532015112830366".to_owned()];
    lines.extend((0..20).map(|n| format!("45320151128304{n:02}")).filter(|line| !passes_luhn(line)));
    assert!(lines.len() > 15);
    let alone = check(&filter, &lines[0]);
    assert!(alone.findings.iter().any(|found| found.rule.id == "pii.bank-card"));
    let among = check(&filter, &lines.join("\n"));
    let firm = among.findings.iter().find(|found| found.confidence >= Confidence::Medium);
    assert!(firm.is_none(), "{:?}", firm.map(|found| &found.rule.id));
}

fn passes_luhn(number: &str) -> bool {
    let doubled = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let digits = number.chars().rev().filter_map(|c| c.to_digit(10)).enumerate();
    digits.map(|(at, digit)| if at % 2 == 1 { doubled(digit) } else { digit }).sum::<u32>() % 10 == 0
}
