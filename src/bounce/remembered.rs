//! Diagnoses in, a file out that a policy may name (`remembered`): recipients who have blocked us, senders who may not send outside.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Cause, Diagnosis};
use crate::{
    error::PolicyError,
    policy::{Document, Lists},
};

/// Addresses that a later message should be checked against.
#[derive(Debug, Default, PartialEq)]
pub struct Remembered {
    external_denied: BTreeSet<String>,
    blocked_by: BTreeSet<String>,
}

impl Remembered {
    /// Reads what was kept before.
    pub fn read(path: &Path, text: &str) -> Result<Remembered, PolicyError> {
        let lists: Lists = Document::new(&path.display().to_string(), text).parse()?;
        let set =
            |list: Vec<toml::Spanned<String>>| list.into_iter().map(toml::Spanned::into_inner).collect();
        Ok(Remembered { external_denied: set(lists.external_denied), blocked_by: set(lists.blocked_by) })
    }

    /// Takes what a diagnosis teaches; only what the notice says in known words.
    pub fn learn(&mut self, diagnosis: &Diagnosis) {
        for failure in diagnosis.failures.iter().filter(|failure| failure.is_known) {
            match (failure.cause, &failure.recipient, &diagnosis.sender) {
                (Cause::RecipientBlocklist, Some(recipient), _) => {
                    self.blocked_by.insert(recipient.to_lowercase());
                }
                (Cause::ExternalDenied, _, Some(sender)) => {
                    self.external_denied.insert(sender.to_lowercase());
                }
                _ => {}
            }
        }
    }

    /// The file.
    pub fn to_toml(&self) -> String {
        let list = |name: &str, set: &BTreeSet<String>| {
            let lines: String =
                set.iter().map(|address| format!("  {},\n", toml::Value::from(address.as_str()))).collect();
            format!("{name} = [\n{lines}]\n")
        };
        format!(
            "# Learned from returned mail by `presend explain --remember`; presend.toml names it: remembered = \"FILE\"\n{}{}",
            list("external_denied", &self.external_denied),
            list("blocked_by", &self.blocked_by)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounce::Explainer;

    #[test]
    fn what_is_learned_can_be_read_again() {
        let explainer = Explainer::shipped();
        let mut remembered = Remembered::default();
        for (to, text) in [
            ("You@example.org", "You are not allowed to send emails to the account"),
            ("a@example.org", "Permission for sending emails to external domains is disabled"),
            ("b@example.org", "550 5.1.1 User unknown"),
        ] {
            let notice = format!(
                "From: MAILER-DAEMON@example.com\nTo: Me@example.com\nSubject: failure notice\n\n<{to}>:\n{text}\n"
            );
            remembered.learn(&explainer.explain(notice.as_bytes()));
        }
        let text = remembered.to_toml();
        assert!(
            text.contains("you@example.org")
                && text.contains("me@example.com")
                && !text.contains("b@example.org"),
            "{text}"
        );
        assert_eq!(Remembered::read(Path::new("r.toml"), &text).expect("it reads"), remembered);
        let error =
            Remembered::read(Path::new("r.toml"), "blocked = []").expect_err("an unknown key").to_string();
        assert!(error.starts_with("r.toml:1:1"), "{error}");
    }
}
