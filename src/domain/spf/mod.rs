//! The SPF record of a domain (RFC 7208): one, at the root, well-formed, with the provider in it, within the limits of look-ups, and not open to all.

mod proposal;
mod record;
mod walk;

use self::{
    record::{Qualifier, SpfRecord, What, is_almost_spf, is_spf},
    walk::{BROKEN, LOOKUPS, Walk},
};
use super::{
    Check, Expected, Finding, Publish, Subject,
    dns::{Dns, Failure, Told},
};

/// Names beside the root at which people publish the record that belongs there.
const ELSEWHERE: &[&str] = &["mail", "www", "smtp", "spf", "_spf", "mx"];

/// The domains that a record includes or redirects to by itself; `None` where it is no SPF record, or a broken one.
pub(super) fn includes(text: &str) -> Option<Vec<String>> {
    let record = is_spf(text).then(|| SpfRecord::parse(text))?;
    if record.broken().next().is_some() {
        return None;
    }
    let named = record.terms.into_iter().filter_map(|term| match term.what {
        What::Include(domain) | What::Redirect(domain) => Some(domain.to_lowercase()),
        _ => None,
    });
    Some(named.collect())
}

/// What was found of SPF at a domain.
pub(super) struct Spf<'d> {
    domain: &'d str,
    dns: &'d dyn Dns,
    answer: Told<Vec<String>>,
    /// The records, taken apart.
    records: Vec<SpfRecord>,
    /// What the record comes to, where there is exactly one.
    walk: Option<Walk<'d>>,
}

impl<'d> Spf<'d> {
    /// Looks for the record, and follows it.
    pub(super) fn read(domain: &'d str, dns: &'d dyn Dns) -> Spf<'d> {
        let answer = dns.texts(domain);
        let texts = answer.as_ref().map(|(texts, _)| texts.as_slice()).unwrap_or_default();
        let records: Vec<SpfRecord> =
            texts.iter().filter(|text| is_spf(text)).map(|text| SpfRecord::parse(text)).collect();
        let walk = match &records[..] {
            [one] => Some(Walk::new(domain, dns).run(one)),
            _ => None,
        };
        Spf { domain, dns, answer, records, walk }
    }

    /// Whether the domain is not there at all.
    pub(super) fn is_of_nobody(&self) -> bool {
        self.answer.as_ref().is_err_and(|failure| *failure == Failure::NoSuchName)
    }

    /// Takes it that the domain exists, though an answer denied it.
    pub(in crate::domain) fn assume_existence(&mut self) {
        if self.is_of_nobody() {
            self.answer = Ok((Vec::new(), None));
        }
    }

    /// Whether the domain has any TXT record.
    pub(in crate::domain) fn has_texts(&self) -> bool {
        self.answer.as_ref().is_ok_and(|(texts, _)| !texts.is_empty())
    }

    /// Domains that the record includes, directly and through others; of several records, those that any names.
    pub(super) fn included(&self) -> Vec<String> {
        match &self.walk {
            Some(walk) => walk.included.clone(),
            None => self.records.iter().flat_map(named).collect(),
        }
    }

    /// Judges what was found, by what the provider asks for.
    pub(super) fn check(self, expected: Option<&Expected<'_>>) -> Check {
        let mut check = Check::new(Subject::Spf, self.domain);
        let (texts, ttl) = match &self.answer {
            Ok((texts, ttl)) => (texts.as_slice(), *ttl),
            Err(failure) => {
                check.fail(*failure, self.domain);
                return check;
            }
        };
        check.ttl = ttl;
        check.found = texts.iter().filter(|text| is_spf(text) || is_almost_spf(text)).cloned().collect();
        for text in texts.iter().filter(|text| is_almost_spf(text)) {
            check.find("spf.version", &[("record", text)]);
        }
        match &self.records[..] {
            [] => self.missing(&mut check, expected),
            [one] => self.one(&mut check, one, expected),
            many => {
                check.find("spf.several", &[("count", &many.len().to_string())]);
                let merged = self.publish(expected, many);
                self.cost(&mut check, &merged.values[0]);
                check.publish = Some(merged);
            }
        }
        check
    }

    /// No record: perhaps it stands elsewhere.
    fn missing(&self, check: &mut Check, expected: Option<&Expected<'_>>) {
        if check.found.is_empty() {
            check.find("spf.missing", &[("domain", self.domain)]);
        }
        let doubled = format!("{0}.{0}", self.domain);
        let names = ELSEWHERE.iter().map(|label| format!("{label}.{}", self.domain)).chain([doubled]);
        for name in names {
            let Ok((texts, _)) = self.dns.texts(&name) else { continue };
            if let Some(text) = texts.iter().find(|text| is_spf(text)) {
                check.find("spf.elsewhere", &[("name", &name), ("domain", self.domain)]);
                let record = [SpfRecord::parse(text)];
                check.publish = Some(self.publish(expected, &record));
                return;
            }
        }
        check.publish = Some(self.publish(expected, &[]));
    }

    /// Exactly one record, as it should be.
    fn one(&self, check: &mut Check, record: &SpfRecord, expected: Option<&Expected<'_>>) {
        for (term, why) in record.broken().take(BROKEN) {
            check.find("spf.syntax", &[("term", term), ("why", why)]);
        }
        match record.all() {
            Some(Qualifier::Pass) => check.find("spf.plus-all", &[]),
            Some(Qualifier::Neutral) => check.find("spf.neutral-all", &[]),
            Some(_) if record.redirect().is_some() => check.find("spf.redirect-beside-all", &[]),
            None if record.redirect().is_none() => check.find("spf.no-all", &[]),
            Some(_) | None => {}
        }
        let behind = record.terms.iter().skip_while(|term| !matches!(term.what, What::All(_))).skip(1);
        let unread: Vec<&str> = behind
            .filter(|term| !matches!(term.what, What::Modifier | What::Redirect(_)))
            .map(|term| term.text.as_str())
            .collect();
        if !unread.is_empty() {
            check.find("spf.behind-all", &[("terms", &unread.join(" "))]);
        }
        if let Some(walk) = &self.walk {
            check.lookups = Some(walk.lookups);
            check.findings.extend(walk.findings.iter().cloned());
        }
        if let Some(expected) = expected {
            self.provider(check, record, expected);
        }
        if check.is_repaired_by_record() {
            let mut records = vec![record.clone()];
            // What stands behind `all` was meant.
            if !unread.is_empty() {
                records.push(SpfRecord::parse(&format!("v=spf1 {}", unread.join(" "))));
            }
            let proposed = self.publish(expected, &records);
            self.cost(check, &proposed.values[0]);
            check.publish = Some(proposed);
        }
    }

    /// Whether the record lets the provider send.
    fn provider(&self, check: &mut Check, record: &SpfRecord, expected: &Expected<'_>) {
        let Some(walk) = &self.walk else { return };
        let wanted = expected.edition.includes();
        let missing: Vec<&str> =
            wanted.iter().filter(|domain| !walk.included.contains(domain)).map(String::as_str).collect();
        if missing.is_empty() {
            return;
        }
        let others = expected.provider.editions.iter().find(|edition| {
            let includes = edition.includes();
            !includes.is_empty() && includes.iter().all(|domain| walk.included.contains(domain))
        });
        // A record that lists addresses, or asks by macros, may hold the provider's servers under other names.
        let may_hold =
            !walk.opaque.is_empty() || record.terms.iter().any(|term| matches!(term.what, What::Network(_)));
        let id = match others {
            Some(_) => "spf.other-edition",
            None if may_hold && !expected.is_named => "spf.provider-unclear",
            None => "spf.provider-missing",
        };
        let title = expected.provider.id.as_str();
        check.find(
            id,
            &[("provider", title), ("edition", &expected.edition.id), ("include", &missing.join(" "))],
        );
    }

    /// What to publish in place of `records`.
    fn publish(&self, expected: Option<&Expected<'_>>, records: &[SpfRecord]) -> Publish {
        let wanted = expected.map(|expected| expected.edition.includes()).unwrap_or_default();
        let of_provider = expected
            .filter(|_| records.iter().all(|record| record.all().is_none()))
            .and_then(|expected| proposal::mildest(&[SpfRecord::parse(&expected.edition.spf)]));
        let end = of_provider.or_else(|| proposal::mildest(records)).unwrap_or(Qualifier::SoftFail);
        // Nobody but the domain's owner knows who sends: its own exchangers often do.
        let record = if wanted.is_empty() && records.is_empty() {
            "v=spf1 mx ~all".to_owned()
        } else {
            // What the record reaches through others need not be named again.
            let reached = self.walk.as_ref().map(|walk| walk.included.as_slice()).unwrap_or_default();
            let wanted: Vec<String> = wanted.into_iter().filter(|domain| !reached.contains(domain)).collect();
            proposal::record(records, &wanted, end)
        };
        Publish { name: self.domain.to_owned(), kind: "TXT", values: vec![record] }
    }

    /// Warns where the record that is proposed costs too much as well.
    fn cost(&self, check: &mut Check, proposed: &str) {
        if check.findings.iter().any(|finding| finding.id == "spf.lookups") {
            return;
        }
        let walk = Walk::new(self.domain, self.dns).run(&SpfRecord::parse(proposed));
        if walk.lookups > LOOKUPS {
            check.find(
                "spf.proposal-lookups",
                &[("count", &walk.lookups.to_string()), ("most", &LOOKUPS.to_string())],
            );
        }
    }
}

fn named(record: &SpfRecord) -> Vec<String> {
    let of = |term: &record::Term| match &term.what {
        What::Include(domain) | What::Redirect(domain) => Some(domain.to_lowercase()),
        _ => None,
    };
    record.terms.iter().filter_map(of).collect()
}

impl Check {
    /// Whether another record of the domain's own mends what was found.
    fn is_repaired_by_record(&self) -> bool {
        const BY_RECORD: &[&str] = &[
            "spf.syntax",
            "spf.plus-all",
            "spf.neutral-all",
            "spf.no-all",
            "spf.behind-all",
            "spf.redirect-beside-all",
            "spf.ptr",
            "spf.wide",
            "spf.version",
            "spf.other-edition",
            "spf.provider-missing",
            "spf.provider-unclear",
        ];
        self.findings.iter().any(|finding: &Finding| BY_RECORD.contains(&finding.id))
    }
}
