//! Notices in JSON in, what they say of each recipient out: the events of Amazon SES, by themselves or within those of SNS.

use serde_json::Value;

use super::{Status, report::Report};

/// The report of an event; `None` where the text is none.
pub(super) fn report(text: &str) -> Option<Report> {
    let text = text.trim_start();
    if !text.starts_with('{') {
        return None;
    }
    // Long lines were folded on the way.
    let text = text.replace("\r\n", "\n").replace("\n ", "");
    let mut event: Value = serde_json::Deserializer::from_str(&text).into_iter().next()?.ok()?;
    if let Some(inner) = event.get("Message").and_then(Value::as_str) {
        event = serde_json::from_str(inner).ok()?;
    }
    let text_of =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let bounce = event.get("bounce")?;
    let reporter = text_of(bounce, "reportingMTA");
    let mut report = Report {
        reporter: reporter.split_once(';').map_or(reporter.as_str(), |(_, name)| name).trim().to_owned(),
        groups: Vec::new(),
    };
    for recipient in bounce.get("bouncedRecipients")?.as_array()?.iter().take(300) {
        let diagnostic = text_of(recipient, "diagnosticCode");
        let diagnostic = diagnostic.strip_prefix("smtp;").unwrap_or(&diagnostic).trim().to_owned();
        let suppressed = text_of(bounce, "bounceSubType");
        let group = super::report::Group {
            recipient: Some(text_of(recipient, "emailAddress")).filter(|address| address.contains('@')),
            action: "failed".into(),
            status: Status::first(&text_of(recipient, "status")),
            diagnostic: if diagnostic.is_empty() { suppressed } else { diagnostic },
            ..super::report::Group::default()
        };
        report.groups.push(group);
    }
    Some(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_names_its_recipients() {
        let event = r#"{"Type":"Notification","Message":"{\"notificationType\":\"Bounce\",\"bounce\":{\"bounceType\":\"Permanent\",\"reportingMTA\":\"dsn; a.example.net\",\"bouncedRecipients\":[{\"emailAddress\":\"a@example.org\",\"status\":\"5.1.1\",\"diagnosticCode\":\"smtp; 550 5.1.1 user unknown\"}]}}"}
--
unsubscribe"#;
        let report = report(event).expect("an event");
        assert_eq!(report.reporter, "a.example.net");
        assert_eq!(report.groups[0].recipient.as_deref(), Some("a@example.org"));
        assert_eq!(report.groups[0].diagnostic, "550 5.1.1 user unknown");
        assert!(super::report("{\"a\": 1}").is_none() && super::report("{").is_none());
    }
}
