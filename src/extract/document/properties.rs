//! What an office document says about itself: core, extended and custom properties, and the sensitivity labels among them.
//!
//! A label that protection software left (`MSIP_Label_..._Name`) is written as a marking stands: behind what it is called.

use super::{
    flow::Flow,
    package::Package,
    xml::{Node, Xml},
};
use crate::extract::{attached::PieceKind, reading::Reading};

/// Extended properties that a person wrote; the others count pages and name programs.
const WRITTEN: &[&str] = &["Company", "Manager", "Category", "HyperlinkBase"];
/// Core properties that say when and how often, not what.
const TECHNICAL: &[&str] =
    &["created", "modified", "lastPrinted", "revision", "version", "language", "identifier"];
/// Fields of a label beside its name.
const OF_LABELS: &[&str] = &[
    "_Enabled",
    "_SiteId",
    "_SetDate",
    "_Method",
    "_ActionId",
    "_ContentBits",
    "_Owner",
    "_Application",
    "_Extended_MSFT_Method",
    "_Parent",
    "_Tag",
    "_Ref",
];

/// Reads the properties of a package.
pub(super) fn read(package: &mut Package<'_>, reading: &mut Reading<'_>) {
    let relations = package.relations("", reading);
    let mut flow = Flow::default();
    for (kind, usual) in [
        ("core-properties", "docProps/core.xml"),
        ("extended-properties", "docProps/app.xml"),
        ("custom-properties", "docProps/custom.xml"),
    ] {
        let found = relations.iter().find(|relation| relation.kind == kind && !relation.is_external);
        let name = found.map_or(usual, |relation| relation.target.as_str());
        let Some(text) = package.xml(name, reading) else { continue };
        match kind {
            "custom-properties" => custom(&text, &mut flow),
            "core-properties" => leaves(&text, |name| !TECHNICAL.contains(&name), &mut flow),
            _ => leaves(&text, |name| WRITTEN.contains(&name), &mut flow),
        }
    }
    if let Some(piece) = flow.finish(PieceKind::Property, &["properties"]) {
        reading.piece(piece);
    }
}

/// Elements that hold nothing but text.
fn leaves(text: &str, is_wanted: impl Fn(&str) -> bool, flow: &mut Flow) {
    let (mut xml, mut name, mut value) = (Xml::new(text), String::new(), String::new());
    while let Some(node) = xml.next() {
        match node {
            Node::Open(element) => {
                element.name().clone_into(&mut name);
                value.clear();
            }
            Node::Text(text) => value.push_str(&text),
            Node::Close(closed) => {
                if closed == name && is_wanted(closed) {
                    property(&name, &value, flow);
                }
                value.clear();
            }
        }
    }
}

fn custom(text: &str, flow: &mut Flow) {
    let (mut xml, mut name, mut value) = (Xml::new(text), String::new(), String::new());
    while let Some(node) = xml.next() {
        match node {
            Node::Open(element) if element.name() == "property" => {
                name = element.get("name").unwrap_or_default().into_owned();
                value.clear();
            }
            Node::Text(text) => value.push_str(&text),
            Node::Close("property") => property(&name, &value, flow),
            Node::Open(_) | Node::Close(_) => {}
        }
    }
}

/// Writes a property as a line, a label by what it is.
pub(super) fn property(name: &str, value: &str, flow: &mut Flow) {
    let value = value.trim();
    if value.is_empty() {
        return;
    }
    let is_label = name.starts_with("MSIP_Label_") || name.starts_with("MSIP_Label ");
    if is_label && OF_LABELS.iter().any(|end| name.ends_with(end)) {
        return;
    }
    let name = if is_label && name.ends_with("_Name") { "Sensitivity label" } else { name };
    flow.paragraph(&format!("{name}: {value}"), None);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_written_by_its_name_alone() {
        let mut flow = Flow::default();
        custom(
            r#"<Properties><property name="MSIP_Label_0a1b_Enabled"><vt:lpwstr>true</vt:lpwstr></property>
            <property name="MSIP_Label_0a1b_Name"><vt:lpwstr>Highly Confidential</vt:lpwstr></property>
            <property name="Client"><vt:lpwstr>示例公司</vt:lpwstr></property></Properties>"#,
            &mut flow,
        );
        let piece = flow.finish(PieceKind::Property, &[]).expect("properties");
        assert_eq!(piece.text, "Sensitivity label: Highly Confidential\nClient: 示例公司\n");
    }
}
