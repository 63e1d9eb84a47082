//! Checks against a table in place of the DNS: whatever records say, an examination ends, and what is proposed is in order.

use std::{cell::Cell, collections::BTreeMap};

use proptest::prelude::*;

use super::*;

/// Records by name and kind; every other name does not exist.
#[derive(Default)]
struct Table {
    texts: BTreeMap<String, Vec<String>>,
    exchanges: Vec<(u16, String)>,
    asked: Cell<usize>,
}

impl Dns for Table {
    fn ask(&self, name: &str, kind: Kind) -> Answer {
        self.asked.set(self.asked.get() + 1);
        let list = match kind {
            Kind::Text => self.texts.get(name).map(|texts| texts.iter().cloned().map(Record::Text).collect()),
            Kind::Exchange if name == "example.com" => {
                let exchange = |(preference, host): &(u16, String)| Record::Exchange {
                    preference: *preference,
                    host: host.clone(),
                };
                Some(self.exchanges.iter().map(exchange).collect())
            }
            _ => self.texts.contains_key(name).then(Vec::new),
        };
        list.map(|list| Records { list, ttl: Some(60) }).ok_or(Failure::NoSuchName)
    }
}

fn table(records: &[(&str, &[&str])]) -> Table {
    let texts = records
        .iter()
        .map(|(name, texts)| ((*name).to_owned(), texts.iter().map(|&text| text.to_owned()).collect()));
    Table { texts: texts.collect(), ..Table::default() }
}

fn spf(dns: &Table) -> Check {
    examine("example.com", Question::default(), dns).checks.swap_remove(0)
}

fn ids(check: &Check) -> Vec<&str> {
    check.findings.iter().map(|finding| finding.id).collect()
}

#[test]
fn look_ups_are_counted_as_evaluation_does() {
    for (record, lookups, want) in [
        // Neither networks nor `all` nor explanations cost anything.
        ("v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 exp=why.example.com -all", 0, &[][..]),
        ("v=spf1 include:a.example.com -all", 1, &[]),
        // An include counts each time, even of the same domain.
        ("v=spf1 include:a.example.com include:a.example.com -all", 2, &[]),
        // Those of the included record count as well, but not what stands behind its `all`.
        ("v=spf1 include:b.example.com -all", 2, &[]),
        ("v=spf1 redirect=b.example.com", 2, &[]),
        // A redirect beside `all` is never followed.
        ("v=spf1 redirect=b.example.com -all", 0, &["spf.redirect-beside-all"]),
        // Terms by macro count and cannot be followed; those of the domain itself can.
        ("v=spf1 exists:%{i}.example.com include:%{d1r}.example.com -all", 2, &[]),
        ("v=spf1 include:a.%{d} -all", 1, &[]),
        ("v=spf1 include:a.%{d2} include:%{d1}.example.com ~all", 2, &["spf.include-no-name"]),
        ("v=spf1 mx a ptr -all", 3, &["spf.ptr"]),
    ] {
        let mut dns = table(&[
            ("example.com", &[record]),
            ("a.example.com", &["v=spf1 ip4:192.0.2.1 -all"]),
            ("b.example.com", &["v=spf1 include:a.example.com -all include:a.example.com"]),
        ]);
        dns.exchanges = vec![(10, "mail.example.com".to_owned())];
        let check = spf(&dns);
        assert_eq!((check.lookups, &ids(&check)[..]), (Some(lookups), want), "{record}");
    }
}

#[test]
fn a_record_at_odds_is_told_with_its_neighbours() {
    for (records, want) in [
        (&["v=spf1 include:none.example.com -all"][..], &["spf.include-none"][..]),
        (&["v=spf1 include:two.example.com -all"], &["spf.include-several"]),
        (&["v=spf1 include:bad.example.com -all"], &["spf.include-syntax"]),
        (&["v=spf1 ip4:10.0.0.0/4 -all"], &["spf.wide"]),
        (&["v=spf1"], &["spf.no-all"]),
        (&["v=spf1 ?all"], &["spf.neutral-all"]),
        (&["V=SPF1 -ALL", "other"], &[]),
        (&["v=spf1 -all", "v=spf1 -all"], &["spf.several"]),
        (&["v=spf1 -all", "v=spf1; -all"], &["spf.version"]),
    ] {
        let dns = table(&[
            ("example.com", records),
            ("none.example.com", &["something else"]),
            ("two.example.com", &["v=spf1 -all", "v=spf1 ~all"]),
            ("bad.example.com", &["v=spf1 ip:192.0.2.1 -all"]),
        ]);
        assert_eq!(ids(&spf(&dns)), want, "{records:?}");
    }
}

/// Pieces from which records are made, good and bad.
fn term() -> impl Strategy<Value = String> {
    let whole = prop::sample::select(vec![
        "-all",
        "+all",
        "?all",
        "all",
        "a",
        "mx",
        "ptr",
        "a/24",
        "a:h.example.com",
        "ip4:192.0.2.1",
        "ip4:1.2.3",
        "ip6:2001:db8::1",
        "include:a.example.com",
        "include:b.example.com",
        "include:example.com",
        "include:",
        "redirect=a.example.com",
        "redirect=b.example.com",
        "exists:%{i}.example.com",
        "%{d}",
        "include=x",
        "include:%{d}",
        "exp=%{x}",
        "ip4:0.0.0.0/0",
        "mx:%%.example.com",
        "a:%{o}//64",
    ]);
    prop_oneof![4 => whole.prop_map(str::to_owned), 1 => "[ -~]{0,12}", 1 => "\\PC{0,6}"]
}

fn record() -> impl Strategy<Value = String> {
    let start =
        prop::sample::select(vec!["v=spf1 ", "v=spf1 ", "V=SPF1  ", "v=spf1", " v=spf1 ", "\"v=spf1 "]);
    (start, prop::collection::vec(term(), 0..14))
        .prop_map(|(start, terms)| format!("{start}{}", terms.join(" ")))
}

proptest! {
    #[test]
    fn any_records_come_to_an_end_and_to_a_record_that_is_in_order(
        own in prop::collection::vec(record(), 0..3),
        a in record(),
        b in record(),
        exchange in "[a-z.]{0,12}",
    ) {
        let mut dns = table(&[]);
        dns.texts.insert("example.com".to_owned(), own);
        dns.texts.insert("a.example.com".to_owned(), vec![a]);
        dns.texts.insert("b.example.com".to_owned(), vec![b]);
        dns.exchanges = vec![(10, exchange)];
        let provider = Provider::find("alimail").expect("shipped");
        let question = Question { provider: Some(provider), ..Question::default() };
        let diagnosis = examine("example.com", question, &dns);
        prop_assert!(dns.asked.get() < 400, "{} questions", dns.asked.get());
        for finding in diagnosis.checks.iter().flat_map(|check| &check.findings) {
            prop_assert!(!finding.message(crate::policy::Language::Chinese).is_empty());
        }
        if let Some(publish) = &diagnosis.checks[0].publish {
            let mut mended = table(&[("a.example.com", &["v=spf1 -all"]), ("b.example.com", &["v=spf1 -all"])]);
            mended.texts.insert("example.com".to_owned(), publish.values.clone());
            let check = spf(&mended);
            for wrong in ["spf.several", "spf.syntax", "spf.plus-all", "spf.no-all", "spf.behind-all", "spf.version"] {
                prop_assert!(!ids(&check).contains(&wrong), "{wrong}: {:?}", publish.values);
            }
        }
    }
}
