//! The mail exchangers of a domain: there are some, of one provider, under names that are no aliases and lead to addresses that others can reach.

use std::net::{IpAddr, Ipv4Addr};

use super::{
    Check, Expected, Finding, Publish, Subject,
    dns::{Dns, Failure, Kind, Record, Told},
    name::registered,
    provider::Provider,
};

/// Exchangers that are looked at one by one.
const LOOKED_AT: usize = 20;

/// What was found of mail exchangers at a domain.
pub(super) struct Mx<'d> {
    domain: &'d str,
    dns: &'d dyn Dns,
    answer: Told<Vec<(u16, String)>>,
}

impl<'d> Mx<'d> {
    pub(super) fn read(domain: &'d str, dns: &'d dyn Dns) -> Mx<'d> {
        Mx { domain, dns, answer: dns.exchanges(domain) }
    }

    /// Takes it that the domain exists, though an answer denied it.
    pub(super) fn assume_existence(&mut self) {
        if self.answer.as_ref().is_err_and(|failure| *failure == Failure::NoSuchName) {
            self.answer = Ok((Vec::new(), None));
        }
    }

    /// Names of the exchangers.
    pub(super) fn hosts(&self) -> Vec<String> {
        self.exchanges().iter().map(|(_, host)| host.clone()).collect()
    }

    fn exchanges(&self) -> &[(u16, String)] {
        self.answer.as_ref().map(|(list, _)| list.as_slice()).unwrap_or_default()
    }

    /// Judges what was found, by what the provider asks for.
    pub(super) fn check(self, expected: Option<&Expected<'_>>, providers: &[Provider]) -> Check {
        let mut check = Check::new(Subject::Mx, self.domain);
        match &self.answer {
            Ok((_, ttl)) => check.ttl = *ttl,
            Err(failure) => check.fail(*failure, self.domain),
        }
        let list = self.exchanges();
        let shown = |(preference, host): &(u16, String)| format!("{preference} {host}.");
        check.found = list.iter().map(shown).collect();
        match list {
            [] if self.answer.is_ok() => self.missing(&mut check),
            [] => {}
            [(_, only)] if only.is_empty() => check.find("mx.null", &[("domain", self.domain)]),
            _ => {
                if list.iter().any(|(_, host)| host.is_empty()) {
                    check.find("mx.null-mixed", &[("domain", self.domain)]);
                }
                match expected {
                    Some(expected) => self.of_provider(&mut check, expected),
                    None => self.of_anybody(&mut check, providers),
                }
                for (_, host) in list.iter().filter(|(_, host)| !host.is_empty()).take(LOOKED_AT) {
                    self.host(&mut check, host);
                }
                check.publish = self.corrected(&check);
            }
        }
        let mends = |id: &str| id.starts_with("mx.") || id == "dns.no-such-name";
        if let Some(expected) = expected.filter(|expected| !expected.edition.mx.is_empty())
            && check.findings.iter().any(|finding| mends(finding.id))
        {
            let line =
                |exchange: &super::provider::Exchange| format!("{} {}.", exchange.preference, exchange.host);
            check.publish = Some(Publish {
                name: self.domain.to_owned(),
                kind: "MX",
                values: expected.edition.mx.iter().map(line).collect(),
            });
        }
        check
    }

    /// The records with what aliases stand for, and without that which denies the others; `None` where neither is the matter.
    fn corrected(&self, check: &Check) -> Option<Publish> {
        let mends = |finding: &Finding| matches!(finding.id, "mx.alias" | "mx.null-mixed");
        check.findings.iter().find(|finding| mends(finding))?;
        let target = |host: &str| {
            let alias = check.findings.iter().filter(|finding| finding.id == "mx.alias");
            alias.map(|finding| &finding.values).find(|values| values[0].1 == host).map(|values| &values[1].1)
        };
        let mut list: Vec<(u16, &String)> = Vec::new();
        for (preference, host) in self.exchanges().iter().filter(|(_, host)| !host.is_empty()) {
            let host = target(host).unwrap_or(host);
            if !list.iter().any(|(_, have)| *have == host) {
                list.push((*preference, host));
            }
        }
        let values: Vec<String> =
            list.iter().map(|(preference, host)| format!("{preference} {host}.")).collect();
        Some(Publish { name: self.domain.to_owned(), kind: "MX", values })
    }

    /// No exchanger: then mail goes to the address of the domain itself (RFC 5321 5.1), where usually a web server stands.
    fn missing(&self, check: &mut Check) {
        let has_address = self.dns.addresses(self.domain).is_ok_and(|list| !list.is_empty());
        check.find(if has_address { "mx.implicit" } else { "mx.missing" }, &[("domain", self.domain)]);
    }

    /// Of the provider's exchangers all, in their order, and no others.
    fn of_provider(&self, check: &mut Check, expected: &Expected<'_>) {
        let (provider, edition) = (expected.provider, expected.edition);
        let list: Vec<&(u16, String)> =
            self.exchanges().iter().filter(|(_, host)| !host.is_empty()).collect();
        let (own, foreign): (Vec<_>, Vec<_>) = list.into_iter().partition(|(_, host)| provider.owns(host));
        let names = |list: &[&(u16, String)]| {
            list.iter().map(|(_, host)| host.as_str()).collect::<Vec<_>>().join(", ")
        };
        let values = [("provider", provider.id.as_str()), ("edition", edition.id.as_str())];
        let tell = |check: &mut Check, id, hosts: &str| {
            check.find(id, &[values[0], values[1], ("hosts", hosts)]);
        };
        if own.is_empty() {
            return tell(check, "mx.other-provider", &names(&foreign));
        }
        if !foreign.is_empty() {
            tell(check, "mx.foreign", &names(&foreign));
        }
        if edition.mx.is_empty() {
            return;
        }
        let of_edition = |host: &str| edition.mx.iter().find(|exchange| exchange.host == host);
        let (known, strange): (Vec<_>, Vec<_>) = own.iter().partition(|(_, host)| of_edition(host).is_some());
        if !strange.is_empty() {
            tell(check, "mx.not-of-edition", &names(&strange));
        }
        let absent: Vec<&str> = edition
            .mx
            .iter()
            .map(|exchange| exchange.host.as_str())
            .filter(|host| !known.iter().any(|(_, have)| have == host))
            .collect();
        if !absent.is_empty() {
            tell(check, "mx.incomplete", &absent.join(", "));
        }
        let differ = known.iter().any(|(preference, host)| {
            of_edition(host).is_some_and(|exchange| exchange.preference != *preference)
        });
        if differ {
            // Only their order has an effect; a foreign exchanger among them is told of by itself.
            let wanted = |(_, host): &&&(u16, String)| of_edition(host).map(|exchange| exchange.preference);
            let ordered = known.windows(2).all(|pair| {
                let (one, other) = (wanted(&&pair[0]), wanted(&&pair[1]));
                pair[0].0 < pair[1].0 && one < other || pair[0].0 == pair[1].0 && one == other
            });
            let id = if ordered { "mx.preference-other" } else { "mx.preference" };
            check.find(id, &values);
        }
    }

    /// All of one provider, whoever it is.
    fn of_anybody(&self, check: &mut Check, providers: &[Provider]) {
        let mut owners: Vec<&str> = self
            .exchanges()
            .iter()
            .filter(|(_, host)| !host.is_empty())
            .map(|(_, host)| {
                let of_known = providers.iter().find(|provider| provider.owns(host));
                of_known.map_or_else(|| registered(host), |provider| provider.id.as_str())
            })
            .collect();
        owners.sort_unstable();
        owners.dedup();
        if owners.len() > 1 {
            check.find("mx.mixed", &[("owners", &owners.join(", "))]);
        }
    }

    /// An exchanger leads to addresses, by its own name (RFC 2181 10.3).
    fn host(&self, check: &mut Check, host: &str) {
        if host.parse::<IpAddr>().is_ok() {
            return check.find("mx.address", &[("host", host)]);
        }
        match self.dns.ask(host, Kind::Alias) {
            Ok(records) => {
                if let Some(Record::Alias(target)) = records.list.first() {
                    check.find("mx.alias", &[("host", host), ("target", target)]);
                }
            }
            // Whether it is there at all, its addresses tell.
            Err(Failure::NoSuchName) => {}
            Err(failure) => check.fail(failure, host),
        }
        match self.dns.addresses(host) {
            Ok(list) if list.is_empty() => check.find("mx.unresolved", &[("host", host)]),
            Ok(list) if list.iter().all(is_private) => check.find("mx.private", &[("host", host)]),
            Ok(_) => {}
            Err(Failure::NoSuchName) => check.find("mx.no-name", &[("host", host)]),
            Err(failure) => check.fail(failure, host),
        }
    }
}

/// Whether an address means nothing outside the network that it is in.
fn is_private(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => {
            four.is_private() || four.is_loopback() || four.is_link_local() || *four == Ipv4Addr::UNSPECIFIED
        }
        IpAddr::V6(six) => six.is_loopback() || six.is_unique_local() || six.is_unspecified(),
    }
}

/// Whether mail for a domain has somewhere to go: what is in the way, if anything.
pub(super) fn receives(domain: &str, dns: &dyn Dns) -> Check {
    let mut check = Check::new(Subject::Mx, domain);
    match dns.exchanges(domain) {
        Err(failure) => check.fail(failure, domain),
        Ok((list, _)) => match &list[..] {
            [] => match dns.addresses(domain) {
                Ok(list) if list.is_empty() => check.find("mx.recipient-none", &[("domain", domain)]),
                Ok(_) => check.find("mx.recipient-implicit", &[("domain", domain)]),
                Err(failure) => check.fail(failure, domain),
            },
            [(_, host)] if host.is_empty() => check.find("mx.recipient-null", &[("domain", domain)]),
            _ => {}
        },
    }
    check
}
