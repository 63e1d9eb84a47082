//! The SPF record to publish in place of what is there: two merged, a provider's include added, what is broken or useless left out.

use super::record::{Qualifier, SpfRecord, What};

/// One record that says what `records` say together, with these domains included; `end` is its last word.
pub(super) fn record(records: &[SpfRecord], wanted: &[String], end: Qualifier) -> String {
    let mut terms: Vec<String> = Vec::new();
    let mut redirects = Vec::new();
    let mut add = |term: String| {
        let plain = |text: &str| text.trim_start_matches('+').to_lowercase();
        if !terms.iter().any(|have| plain(have) == plain(&term)) {
            terms.push(term);
        }
    };
    for domain in wanted {
        add(format!("include:{domain}"));
    }
    for record in records.iter().map(SpfRecord::mended) {
        for term in record.effective() {
            match &term.what {
                What::All(_) | What::Broken(_) | What::Modifier | What::Pointer => {}
                What::Network(bits) if *bits < 8 => {}
                // Behind `all` a redirect is never followed: what it leads to is included.
                What::Redirect(domain) => redirects.push(domain.clone()),
                _ => add(term.text.clone()),
            }
        }
    }
    for domain in redirects {
        add(format!("include:{domain}"));
    }
    terms.insert(0, "v=spf1".to_owned());
    terms.push(word(end).to_owned());
    terms.join(" ")
}

/// The mildest of the last words of records, so that no mail is refused that was not before; never milder than `~all`.
pub(super) fn mildest(records: &[SpfRecord]) -> Option<Qualifier> {
    let ends: Vec<Qualifier> = records.iter().filter_map(SpfRecord::all).collect();
    let is_strict = !ends.is_empty() && ends.iter().all(|end| *end == Qualifier::Fail);
    (!ends.is_empty()).then_some(if is_strict { Qualifier::Fail } else { Qualifier::SoftFail })
}

fn word(end: Qualifier) -> &'static str {
    match end {
        Qualifier::Pass => "+all",
        Qualifier::Fail => "-all",
        Qualifier::SoftFail => "~all",
        Qualifier::Neutral => "?all",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_merged() {
        for (texts, wanted, want) in [
            (
                &["v=spf1 include:a.example ip4:192.0.2.1 -all", "v=spf1 +include:A.example mx ~all"][..],
                &[][..],
                "v=spf1 include:a.example ip4:192.0.2.1 mx ~all",
            ),
            (&["v=spf1 -all", "v=spf1 redirect=b.example"], &[], "v=spf1 include:b.example -all"),
            (&["v=spf1 a +all"], &["sender.example"], "v=spf1 include:sender.example a ~all"),
            (&["v=spf1 ip:192.0.2.1 ptr ip4:0.0.0.0/0 mx -all"], &[], "v=spf1 ip4:192.0.2.1 mx -all"),
        ] {
            let records: Vec<SpfRecord> = texts.iter().map(|text| SpfRecord::parse(text)).collect();
            let wanted: Vec<String> = wanted.iter().map(|&domain| domain.to_owned()).collect();
            let end = mildest(&records).unwrap_or(Qualifier::Fail);
            assert_eq!(record(&records, &wanted, end), want);
        }
    }
}
