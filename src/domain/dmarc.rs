//! The DMARC record of a domain (RFC 7489): what recipients do with mail that fails SPF and DKIM.

use super::{
    Check, Publish, Subject,
    dns::{Dns, Failure},
    name::registered,
    tags,
};

/// Looks for the record and judges it; that of the registered domain holds for those below.
pub(super) fn check(domain: &str, dns: &dyn Dns) -> Check {
    let name = format!("_dmarc.{domain}");
    let mut check = Check::new(Subject::Dmarc, &name);
    let own = records(&mut check, &name, dns);
    let above = registered(domain);
    let (found, at) = match own {
        None => return check,
        Some(list) if list.is_empty() && above != domain => {
            let name = format!("_dmarc.{above}");
            (records(&mut check, &name, dns).unwrap_or_default(), name)
        }
        Some(list) => (list, name.clone()),
    };
    check.found.clone_from(&found);
    let proposed = format!("v=DMARC1; p=none; rua=mailto:postmaster@{domain}");
    match &found[..] {
        [] if check.findings.is_empty() => {
            check.find("dmarc.missing", &[("name", &name)]);
            check.publish = Some(Publish { name, kind: "TXT", values: vec![proposed] });
        }
        [] => {}
        [one] => {
            check.name.clone_from(&at);
            policy(&mut check, one);
            if check.status() == super::Status::Failure {
                check.publish = Some(Publish { name: at, kind: "TXT", values: vec![proposed] });
            }
        }
        many => {
            check.find("dmarc.several", &[("count", &many.len().to_string())]);
            check.publish = Some(Publish { name: at, kind: "TXT", values: vec![many[0].clone()] });
        }
    }
    check
}

/// The DMARC records at a name; `None` where nobody could be asked.
fn records(check: &mut Check, name: &str, dns: &dyn Dns) -> Option<Vec<String>> {
    match dns.texts(name) {
        Ok((texts, ttl)) => {
            check.ttl = ttl;
            Some(texts.into_iter().filter(|text| text.trim_start().starts_with("v=DMARC1")).collect())
        }
        Err(Failure::NoSuchName) => Some(Vec::new()),
        Err(failure) => {
            check.fail(failure, name);
            None
        }
    }
}

fn policy(check: &mut Check, record: &str) {
    let Some(tags) = tags(record) else { return check.find("dmarc.syntax", &[]) };
    let of = |name: &str| tags.iter().find(|(tag, _)| tag == name).map(|(_, value)| value.as_str());
    match of("p").map(str::to_ascii_lowercase).as_deref() {
        Some("none") => check.find("dmarc.none", &[]),
        Some("quarantine" | "reject") => {}
        Some(other) => check.find("dmarc.policy", &[("policy", other)]),
        None => check.find("dmarc.no-policy", &[]),
    }
    let reports = of("rua").unwrap_or_default().split(',').map(str::trim).filter(|uri| !uri.is_empty());
    for uri in reports.filter(|uri| !uri.to_ascii_lowercase().starts_with("mailto:")) {
        check.find("dmarc.reports", &[("uri", uri)]);
    }
}
