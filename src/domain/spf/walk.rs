//! What an SPF record comes to when a mail from nowhere known is checked by it: every term is evaluated, through includes and redirects, and look-ups are
//! counted as RFC 7208 4.6.4 says. Terms whose macros depend on the mail are counted and not followed.

use super::record::{Qualifier, SpfRecord, What, is_spf};
use crate::domain::{
    Finding,
    dns::{Dns, Failure, Kind},
};

/// Look-ups that a record may cost, with those of the records that it includes.
pub(super) const LOOKUPS: usize = 10;
/// Look-ups that may find nothing.
const VOID_LOOKUPS: usize = 2;
/// Exchangers of one `mx` term.
const EXCHANGES: usize = 10;
/// Wrong terms of one record that are told of.
pub(super) const BROKEN: usize = 10;
/// Look-ups after which counting further is of no use to anybody.
const COUNTED: usize = 60;

/// An evaluation under way.
pub(super) struct Walk<'d> {
    dns: &'d dyn Dns,
    /// The domain that sends.
    domain: &'d str,
    pub(super) lookups: usize,
    void: Vec<String>,
    /// Domains of the records that this one includes or redirects to, directly and through others.
    pub(super) included: Vec<String>,
    /// Terms whose macros depend on the mail.
    pub(super) opaque: Vec<String>,
    pub(super) findings: Vec<Finding>,
    /// Domains whose records are being evaluated, the outermost first.
    open: Vec<String>,
}

impl<'d> Walk<'d> {
    pub(super) fn new(domain: &'d str, dns: &'d dyn Dns) -> Walk<'d> {
        Walk {
            dns,
            domain,
            lookups: 0,
            void: Vec::new(),
            included: Vec::new(),
            opaque: Vec::new(),
            findings: Vec::new(),
            open: Vec::new(),
        }
    }

    /// Evaluates the record of the domain itself.
    pub(super) fn run(mut self, record: &SpfRecord) -> Walk<'d> {
        self.record(self.domain, record);
        let lookups = self.lookups.to_string();
        let many = if self.lookups >= COUNTED { format!("{lookups}+") } else { lookups };
        if self.lookups > LOOKUPS {
            self.find("spf.lookups", &[("count", &many), ("most", &LOOKUPS.to_string())]);
        }
        if self.void.len() > VOID_LOOKUPS {
            let (count, names) = (self.void.len().to_string(), self.void.join(", "));
            self.find("spf.void-lookups", &[("count", &count), ("names", &names)]);
        }
        self
    }

    fn find(&mut self, id: &'static str, values: &[(&'static str, &str)]) {
        let finding = Finding::new(id, values);
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    fn record(&mut self, domain: &str, record: &SpfRecord) {
        self.open.push(domain.to_owned());
        for (term, why) in record.broken().take(BROKEN) {
            // Of the domain's own record, the caller tells.
            if self.open.len() > 1 {
                self.find("spf.include-syntax", &[("domain", domain), ("term", term), ("why", why)]);
            }
        }
        if self.open.len() > 1 && record.all() == Some(Qualifier::Pass) {
            self.find("spf.include-plus-all", &[("domain", domain)]);
        }
        for term in record.effective() {
            if self.lookups >= COUNTED {
                break;
            }
            self.term(domain, &term.text, &term.what);
        }
        self.open.pop();
    }

    fn term(&mut self, domain: &str, text: &str, what: &What) {
        let of = |named: &Option<String>| named.clone().unwrap_or_else(|| domain.to_owned());
        match what {
            What::Include(named) | What::Redirect(named) => {
                self.lookups += 1;
                match self.expand(named, domain) {
                    Some(target) => self.follow(domain, text, &target),
                    None => self.opaque.push(text.to_owned()),
                }
            }
            What::Address(named) => self.look(text, &of(named), domain),
            What::Exchange(named) => self.look_for_exchanges(text, &of(named), domain),
            What::Exists(named) => self.look(text, named, domain),
            What::Pointer => {
                self.lookups += 1;
                self.find("spf.ptr", &[("domain", domain)]);
            }
            What::Network(bits) if *bits < 8 => {
                self.find("spf.wide", &[("term", text), ("domain", domain)]);
            }
            What::Network(_) | What::All(_) | What::Modifier | What::Broken(_) => {}
        }
    }

    /// The record of another domain.
    fn follow(&mut self, domain: &str, term: &str, target: &str) {
        let found = |id, walk: &mut Walk<'_>| {
            walk.find(id, &[("domain", domain), ("term", term), ("target", target)]);
        };
        if self.open.iter().any(|open| open == target) {
            let chain = format!("{} → {target}", self.open.join(" → "));
            return self.find("spf.loop", &[("chain", &chain)]);
        }
        self.included.push(target.to_owned());
        let texts = match self.dns.texts(target) {
            Ok((texts, _)) => texts,
            Err(Failure::NoSuchName) => {
                self.void.push(target.to_owned());
                return found("spf.include-no-name", self);
            }
            Err(failure) => return self.find(failure.id(), &[("name", target)]),
        };
        if texts.is_empty() {
            self.void.push(target.to_owned());
        }
        let records: Vec<&String> = texts.iter().filter(|text| is_spf(text)).collect();
        match records[..] {
            [] => found("spf.include-none", self),
            [one] => {
                let record = SpfRecord::parse(one);
                self.record(target, &record);
            }
            _ => found("spf.include-several", self),
        }
    }

    /// A look-up of addresses; void is one that finds none of either family.
    fn look(&mut self, term: &str, named: &str, domain: &str) {
        self.lookups += 1;
        let Some(target) = self.expand(named, domain) else { return self.opaque.push(term.to_owned()) };
        let count = self.dns.ask(&target, Kind::Address).and_then(|four| match four.list.len() {
            0 => self.dns.ask(&target, Kind::Address6).map(|six| six.list.len()),
            count => Ok(count),
        });
        self.count(term, &target, count);
    }

    /// A look-up of exchangers, whose number is limited by itself.
    fn look_for_exchanges(&mut self, term: &str, named: &str, domain: &str) {
        self.lookups += 1;
        let Some(target) = self.expand(named, domain) else { return self.opaque.push(term.to_owned()) };
        let count = self.dns.exchanges(&target).map(|(list, _)| list.len());
        if let Ok(count) = count
            && count > EXCHANGES
        {
            self.find("spf.exchanges", &[("term", term), ("count", &count.to_string())]);
        }
        self.count(term, &target, count);
    }

    fn count(&mut self, term: &str, target: &str, found: Result<usize, Failure>) {
        match found {
            Ok(0) | Err(Failure::NoSuchName) => self.void.push(format!("{term} ({target})")),
            Ok(_) => {}
            Err(failure) => self.find(failure.id(), &[("name", target)]),
        }
    }

    /// A domain with its macros filled in; `None` where they depend on the mail.
    fn expand(&self, written: &str, domain: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = written;
        while let Some((before, behind)) = rest.split_once('%') {
            out.push_str(before);
            let Some(body) = behind.strip_prefix('{') else {
                out.push_str(match behind.chars().next()? {
                    '_' => " ",
                    '-' => "%20",
                    _ => "%",
                });
                rest = &behind[1..];
                continue;
            };
            let (name, after) = body.split_once('}')?;
            let value = match name.chars().next()?.to_ascii_lowercase() {
                'd' => domain,
                'o' => self.domain,
                _ => return None,
            };
            let labels: Vec<&str> = value.split('.').collect();
            let kept = match &name[1..] {
                "" => labels.len(),
                count => count.parse::<usize>().ok().filter(|count| *count > 0)?,
            };
            out.push_str(&labels[labels.len().saturating_sub(kept)..].join("."));
            rest = after;
        }
        out.push_str(rest);
        Some(out.trim_end_matches('.').to_lowercase())
    }
}
