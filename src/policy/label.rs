//! Sensitivity labels of an organisation: by name or GUID, as they stand in `msip_labels` and other header fields.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::{Action, Category, Document, Kind, Localised, Rule};
use crate::error::PolicyError;

/// Labels that must not leave.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Labels {
    /// Names or GUIDs.
    names: Vec<String>,
    /// What they do; `score` adds `weight`.
    #[serde(default)]
    action: Action,
    /// Log-odds that they add; 3.6 when missing.
    weight: Option<f64>,
    /// What the sender is told.
    message: Option<String>,
}

/// The rule that an entry of `labels` is.
pub(super) fn rule(index: usize, labels: &Spanned<Labels>, document: &Document) -> Result<Rule, PolicyError> {
    let offset = labels.span().start;
    let content = labels.get_ref();
    if content.names.is_empty() || content.names.iter().any(|name| name.trim().is_empty()) {
        let problem = "an entry of `labels` has an empty name or none";
        return Err(document.error_at(offset, problem, "give it `names`: names or GUIDs of labels"));
    }
    let weight = content.weight.unwrap_or(3.6);
    if !weight.is_finite() {
        let problem = "the `weight` of an entry of `labels` is no number";
        return Err(document.error_at(offset, problem, "write log-odds such as 3.6"));
    }
    let said = content.message.clone();
    Ok(Rule {
        id: format!("confidential.label-{}", index + 1),
        pack: document.name.clone(),
        source: (Arc::new(document.clone()), offset),
        category: Category::Confidential,
        kind: Kind::Structure { check: "sensitivity-label".into(), values: content.names.clone() },
        weight,
        cap: weight,
        growth: 0.0,
        zones: Vec::new(),
        action: content.action,
        also_internal: false,
        needs_promotion: false,
        replacements: std::collections::BTreeMap::new(),
        message: Localised {
            en: said.clone().unwrap_or_else(|| "a sensitivity label on the organisation's own list".into()),
            zh: said.unwrap_or_else(|| "带有本单位列出的敏感度标签".into()),
        },
        why: Localised {
            en: "The organisation's policy does not let this label leave.".into(),
            zh: "本单位的策略不允许带此标签的邮件外发。".into(),
        },
        fix: Localised {
            en: "Lower the label if the content may be sent, or have the owner release it.".into(),
            zh: "如内容可以外发，请下调标签；否则请负责人批准。".into(),
        },
        matches: Vec::new(),
        no_matches: Vec::new(),
    })
}
