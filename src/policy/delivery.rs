//! Who cannot reach whom: senders who may not send outside and recipients who have blocked us, listed in the policy or learned from
//! bounces. `check` then says before sending what the bounce would say after.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use serde::Deserialize;
use toml::Spanned;

use super::{Action, Category, Context, Document, Kind, Localised, Rule};
use crate::error::{Error, PolicyError};

/// The checks of these rules, by name. They are made by the verdict, which knows the envelope.
pub const EXTERNAL_DENIED: &str = "external-denied";
/// See [`EXTERNAL_DENIED`].
pub const BLOCKED_BY: &str = "blocked-by";

/// What `presend explain --remember` writes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lists {
    /// Senders without the right to send outside.
    pub external_denied: Vec<Spanned<String>>,
    /// Recipients who have blocked us.
    pub blocked_by: Vec<Spanned<String>>,
}

/// The rules of lists in `document`, and of the file that it names.
pub(super) fn rules(
    (external, blocked): (&[Spanned<String>], &[Spanned<String>]),
    remembered: Option<&Spanned<String>>,
    document: &Document,
    context: &Context<'_>,
) -> Result<Vec<Rule>, Error> {
    let mut external = addresses(external, document)?;
    let mut blocked = addresses(blocked, document)?;
    if let Some(name) = remembered {
        let path = Path::new(&document.name).parent().unwrap_or(Path::new("")).join(name.get_ref());
        let text = (context.read)(&path).map_err(|error| {
            document.error_at(name.span().start, &error.to_string(), "the path is relative to this file")
        })?;
        let file = Document::new(&path.display().to_string(), &text);
        let learned: Lists = file.parse()?;
        external.extend(addresses(&learned.external_denied, &file)?);
        blocked.extend(addresses(&learned.blocked_by, &file)?);
    }
    let mut rules = Vec::new();
    for (check, values) in [(EXTERNAL_DENIED, external), (BLOCKED_BY, blocked)] {
        if !values.is_empty() {
            rules.push(rule(check, values, document));
        }
    }
    Ok(rules)
}

/// Addresses, and domains as `@example.com`, in lower case.
fn addresses(list: &[Spanned<String>], document: &Document) -> Result<Vec<String>, PolicyError> {
    list.iter()
        .map(|entry| {
            let address = entry.get_ref().trim().to_lowercase();
            let domain = address.split_once('@').map(|(_, domain)| domain);
            let is_address = domain.is_some_and(|domain| {
                !domain.is_empty() && !domain.contains(|c: char| c == '@' || c == '*' || c.is_whitespace())
            });
            if is_address && !address.contains(char::is_whitespace) {
                return Ok(address);
            }
            let problem = format!("`{}` is no address", entry.get_ref());
            let remedy = "write it as name@example.com, or @example.com for a whole domain";
            Err(document.error_at(entry.span().start, &problem, remedy))
        })
        .collect()
}

fn rule(check: &str, values: Vec<String>, document: &Document) -> Rule {
    let (message, why, fix) = if check == EXTERNAL_DENIED {
        (
            ["the sender may not send outside the organisation", "发件人没有对外发信权限"],
            [
                "The mail system returns it: permission for sending to external domains is disabled.",
                "邮件系统会退回：该账号向外部域名发信的权限已关闭。",
            ],
            [
                "Have the administrator allow the account to send to external domains, or send from another account",
                "请管理员开启该账号的外域发信权限，或改用其他账号发送",
            ],
        )
    } else {
        (
            ["a recipient has blocked the organisation's mail", "有收件人已将本单位拉黑"],
            [
                "Mail to this address came back before: the recipient refuses it.",
                "以前发往该地址的邮件被退回：收件人拒收。",
            ],
            [
                "Reach the recipient another way and ask to be taken off their block list",
                "通过其他方式联系收件人，请其将您移出黑名单",
            ],
        )
    };
    let of = |[en, zh]: [&str; 2]| Localised { en: en.into(), zh: zh.into() };
    Rule {
        id: format!("structure.{check}"),
        pack: document.name.clone(),
        source: (Arc::new(document.clone()), 0),
        category: Category::Structure,
        kind: Kind::Structure { check: check.into(), values },
        weight: 0.5,
        cap: 0.5,
        growth: 0.0,
        zones: Vec::new(),
        action: Action::Review,
        also_internal: true,
        needs_promotion: false,
        replacements: BTreeMap::new(),
        message: of(message),
        why: of(why),
        fix: of(fix),
        matches: Vec::new(),
        no_matches: Vec::new(),
    }
}
