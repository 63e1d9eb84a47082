use super::*;
use crate::{
    Filter,
    detect::{Value, Values},
    policy::Policy,
    verdict::{Detail, Envelope, Matched},
};

/// Confidence of the first finding of a rule in a plain message, or why it was ignored.
fn confidence(filter: &Filter, rule: &str, text: &str) -> String {
    let raw = format!("Content-Type: text/plain; charset=utf-8\n\n{text}\n");
    let verdict = filter.check(raw.as_bytes(), &Envelope::default());
    if let Some(found) = verdict.findings.iter().find(|found| found.rule.id == rule) {
        return found.confidence.as_str().to_owned();
    }
    let ignored = verdict.ignored.iter().find(|seen| seen.rule.id == rule);
    ignored.map_or_else(|| "nothing".to_owned(), |seen| format!("{:?}", seen.why))
}

#[test]
fn values_by_their_evidence() {
    let filter = Filter::new(Policy::shipped(), Detail::Excerpts).expect("the shipped policy compiles");
    // Values checked with python-stdnum; no person's.
    for (rule, text, want) in [
        ("pii.cn-resident-id", "身份证号：110101199003071233", "high"),
        ("pii.cn-resident-id", "身份证号110101199003071233请核对", "high"),
        ("pii.cn-resident-id", "440305198512122463", "high"),
        ("pii.cn-resident-id", "ID 440305 19851212 2463", "high"),
        ("pii.cn-resident-id", "11010519491231002X", "high"),
        ("pii.cn-resident-id", "订单号 440305198512122463", "medium"),
        ("pii.cn-resident-id", "旧身份证 110101900307123", "low"),
        ("pii.cn-resident-id", "110101900307123", "nothing"),
        ("pii.cn-resident-id", "身份证 110101199003071234", "nothing"),
        ("pii.cn-resident-id", "身份证 110101199002301236", "nothing"),
        ("pii.cn-resident-id", "身份证 990101199003071233", "nothing"),
        ("pii.cn-resident-id", "a110101199003071233", "nothing"),
        ("pii.cn-resident-id", "https://x.example/?id=110101199003071233", "nothing"),
        // Nine digits are a social security number nearly always: many of them say no more than one.
        ("pii.us-ssn", "588024002; 102836004; 106356001; 558084003; 551214005; 105586002", "nothing"),
        ("pii.us-ssn", "SSN: 588024002; 102836004; 106356001; 558084003; 551214005; 105586002", "high"),
        ("pii.bank-card", "卡号6222029722818662017", "high"),
        ("pii.bank-card", "6217001641045750043", "medium"),
        ("pii.bank-card", "card number 4012888888881881", "TestValue"),
        ("pii.bank-card", "运单号 6222029722818662017", "nothing"),
        ("pii.bank-card", "卡号 6222029722818662018", "nothing"),
        ("pii.bank-card", "银行卡 6225 8807 9337 9158", "high"),
        ("pii.bank-card", "卡号 62 258807 9337 9158", "high"),
        ("pii.bank-card", "数量 62 258807 9337 9158", "nothing"),
        ("pii.cn-mobile", "phone +1 323-555-0190", "nothing"),
        ("pii.bank-card", "20260314153012", "nothing"),
        ("pii.iban", "IBAN DE02 1203 0000 0000 2020 51", "high"),
        ("pii.iban", "IBAN DE02 1203 0000 0000 2020 52", "nothing"),
        ("pii.iban", "IBAN GB82WEST12345698765432", "TestValue"),
        ("pii.us-ssn", "SSN 536-90-4399", "high"),
        ("pii.us-ssn", "536-90-4399", "low"),
        ("pii.us-ssn", "SSN 536904399", "medium"),
        ("pii.us-ssn", "536904399", "nothing"),
        ("pii.us-ssn", "SSN 900-12-3456", "nothing"),
        ("pii.us-ssn", "SSN 078-05-1120", "TestValue"),
        ("pii.cn-mobile", "手机 13812345678 联系", "medium"),
        ("pii.cn-mobile", "+86 138 1234 5678", "medium"),
        ("pii.cn-mobile", "13812345678 是", "low"),
        ("pii.cn-mobile", "手机 12012345678", "nothing"),
    ] {
        assert_eq!(confidence(&filter, rule, text), want, "{rule} in {text:?}");
    }
}

#[test]
fn masks_keep_what_may_be_shown() {
    for (head, tail, value, want) in [
        (6, 4, "110101199003071233", "110101********1233"),
        (3, 4, "138-1234-5678", "138-****-5678"),
        (0, 4, "536-90-4399", "***-**-4399"),
        (6, 4, "12345", "*****"),
        (0, 0, "secret", "******"),
    ] {
        assert_eq!(Mask { head, tail }.apply(value), want);
    }
}

#[test]
fn runs_are_as_long_as_a_value() {
    for (text, want) in [
        // Too short for any value, with what follows.
        ("ab 12 c3d; 号45e", vec!["ab 12", "12", "45e"]),
        ("in 2002, 10:15", vec!["in 2002", "2002"]),
        ("8.8.8.8", vec!["8"]),
        ("x 1234567 y", vec!["x 1234567", "1234567"]),
        ("AB 12 34 56 C", vec!["ab 12", "12"]),
        ("born 7 mars 1990", vec!["7"]),
        ("3号 6_7\u{3000}xyz", vec!["3", "6_7"]),
    ] {
        let text = text.to_lowercase();
        let mut runs = runs::Runs::new(&text);
        let found: Vec<&str> = std::iter::from_fn(|| runs.next()).map(|(from, to)| &text[from..to]).collect();
        assert_eq!(found, want, "{text}");
    }
}

#[test]
fn every_account_of_the_registry_has_its_length() {
    // Lengths of the registry, read apart from the structures.
    let filter = Filter::new(Policy::shipped(), Detail::Excerpts).expect("the shipped policy compiles");
    for (text, want) in [
        ("IBAN AT611904300234573201", true),
        ("IBAN BE68539007547034", true),
        ("IBAN NO9386011117947", true),
        ("IBAN MT84MALT011000012345MTLCAST001S", true),
        ("IBAN FR7630006000011234567890189", true),
        ("IBAN AT61190430023457320", false),
        ("IBAN XX611904300234573201", false),
    ] {
        assert_eq!(confidence(&filter, "pii.iban", text) == "high", want, "{text}");
    }
}

#[test]
fn nothing_private_is_shown_by_debug() {
    let value =
        Matched::Private { canonical: "110101199003071233".into(), masked: "110101********1233".into() };
    assert_eq!(format!("{value:?}"), "Private(\"110101********1233\")");
    let mut values = Values::default();
    let private = values.keep("110101199003071233", Mask { head: 6, tail: 4 });
    let shown = format!("{values:?} {:?}", Value::Private(private));
    assert!(!shown.contains("110101"), "{shown}");
}

/// Several readings of the same digits are no list of five.
#[test]
fn readings_are_counted_once() {
    let filter = Filter::new(Policy::shipped(), Detail::Excerpts).expect("the shipped policy compiles");
    let text = "3536 1659 Hoog St\n Apt. 839\n Brakpan\n082 490 1693-Office\\,+41 (0)69 979 80 58-Fax";
    let raw = format!("Content-Type: text/plain; charset=utf-8\n\n{text}\n");
    let verdict = filter.check(raw.as_bytes(), &Envelope::default());
    let traces: Vec<f64> =
        verdict.findings.iter().filter_map(|found| found.trace.as_ref()).map(|trace| trace.list).collect();
    assert!(!traces.is_empty() && traces.iter().all(|list| *list == 0.0), "{traces:?}");
}
