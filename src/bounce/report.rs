//! The machine-readable part of a notice (RFC 3464) in, what it says of each recipient out.
//!
//! Real reports leave out the blank lines between groups, fold anywhere and order fields as they like: a group ends where a field
//! comes again.

use super::{Status, section::field_name};

/// What a report says of one recipient.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Group {
    /// Final-Recipient: where it failed.
    pub(super) recipient: Option<String>,
    /// Original-Recipient: what the sender wrote.
    pub(super) original: Option<String>,
    /// failed, delayed, delivered, relayed or expanded, lower case.
    pub(super) action: String,
    /// Status.
    pub(super) status: Option<Status>,
    /// Diagnostic-Code without its type.
    pub(super) diagnostic: String,
    /// Remote-MTA.
    pub(super) remote: String,
}

/// A report.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// Reporting-MTA.
    pub(super) reporter: String,
    /// The recipients, in order.
    pub(super) groups: Vec<Group>,
}

/// Recipients of one report.
const GROUPS: usize = 300;

impl Report {
    /// Reads the text of a report, or one that stands in other text.
    pub(super) fn read(text: &str) -> Report {
        let mut report = Report::default();
        let mut group = Group::default();
        let mut field: Option<(String, String)> = None;
        for line in text.lines() {
            let starts_indented = line.starts_with([' ', '\t']);
            if starts_indented
                && !line.trim().is_empty()
                && let Some((_, value)) = &mut field
            {
                value.push(' ');
                value.push_str(line.trim());
                continue;
            }
            if let Some(field) = field.take() {
                report.take(&mut group, field);
            }
            if line.trim().is_empty() {
                report.close(&mut group);
                continue;
            }
            // Some write a blank before the colon.
            if let Some((name, value)) = line.trim().split_once(':')
                && field_name(format!("{}:", name.trim_end()).as_bytes()).is_some()
            {
                field = Some((name.trim_end().to_ascii_lowercase(), value.trim().to_owned()));
            }
            if report.groups.len() >= GROUPS {
                break;
            }
        }
        if let Some(field) = field.take() {
            report.take(&mut group, field);
        }
        report.close(&mut group);
        report
    }

    fn take(&mut self, group: &mut Group, (name, value): (String, String)) {
        match name.as_str() {
            "reporting-mta" if self.reporter.is_empty() => self.reporter = typed(&value).1,
            "final-recipient" => {
                if group.recipient.is_some() {
                    self.close(group);
                }
                group.recipient = address(&value);
            }
            "original-recipient" => {
                if group.original.is_some() {
                    self.close(group);
                }
                group.original = address(&value);
            }
            "action" | "ction" => group.action = word(&value),
            "status" => {
                group.status = Status::first(&value);
            }
            "diagnostic-code" => {
                let (kind, text) = typed(&value);
                // A bare number of a local program is no reply of a server.
                group.diagnostic = if kind == "x-unix" && text.len() < 4 { String::new() } else { text };
            }
            "remote-mta" => group.remote = typed(&value).1,
            _ => {}
        }
    }

    fn close(&mut self, group: &mut Group) {
        let group = std::mem::take(group);
        let is_recipient = group.recipient.is_some() || group.original.is_some();
        let says = group.status.is_some() || !group.diagnostic.is_empty() || !group.action.is_empty();
        if is_recipient && says || group.status.is_some() && !group.action.is_empty() {
            self.groups.push(group);
        }
    }
}

/// The type and the value of a field such as `rfc822; a@example.com`.
fn typed(value: &str) -> (String, String) {
    match value.split_once(';') {
        Some((kind, rest)) if !kind.trim().contains(' ') && kind.len() < 40 => {
            (kind.trim().to_ascii_lowercase(), rest.trim().to_owned())
        }
        _ => (String::new(), value.to_owned()),
    }
}

fn word(value: &str) -> String {
    value.chars().take_while(|c| c.is_ascii_alphabetic()).collect::<String>().to_ascii_lowercase()
}

/// The address of a recipient field; `None` where it is none.
fn address(value: &str) -> Option<String> {
    let value = typed(value).1;
    let value = value.trim().trim_start_matches('<').trim_end_matches('>').trim();
    // A command that mail is piped into is no address.
    let is_address = value.find('@').is_some_and(|at| at > 0) && !value.starts_with(['|', '/', '"', ':'])
        || value.starts_with('"') && value.contains("\"@");
    let is_whole = value.starts_with('"') || !value.contains(' ');
    (is_address && is_whole).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_end_where_a_field_comes_again() {
        let report = Report::read(
            "Reporting-MTA: dns; mx.example.com\nFinal-Recipient: rfc822; a@example.org\nAction: failed\nStatus: 5.1.1\n\
             Diagnostic-Code: smtp; 550 5.1.1\n  no such user\nFinal-Recipient: rfc822; <b@example.org>\nAction: delayed\nStatus: 4.4.1 (later)\n",
        );
        assert_eq!(report.reporter, "mx.example.com");
        let seen: Vec<_> = report
            .groups
            .iter()
            .map(|g| (g.recipient.as_deref(), g.action.as_str(), g.diagnostic.as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                (Some("a@example.org"), "failed", "550 5.1.1 no such user"),
                (Some("b@example.org"), "delayed", "")
            ]
        );
    }

    #[test]
    fn fields_come_in_any_order_and_some_hold_no_address() {
        let report = Report::read(
            "Reporting-MTA: dsn; a.example.com\n\nAction: failed\nFinal-Recipient: rfc822; \"a b\"@example.org\nStatus: 5.0.0\n\n\
             Final-Recipient: rfc822; |exec x@example.org\nOriginal-Recipient: rfc822;c@example.org\nAction: failed\nStatus: 5.3.0\nDiagnostic-Code: X-Unix; 77\n",
        );
        assert_eq!(report.groups[0].recipient.as_deref(), Some("\"a b\"@example.org"));
        assert_eq!(
            (report.groups[1].recipient.as_deref(), report.groups[1].original.as_deref()),
            (None, Some("c@example.org"))
        );
        assert_eq!(report.groups[1].diagnostic, "");
    }
}
