//! What a PDF holds beside its pages: form fields, annotations, bookmarks, properties, attached files. ISO 32000-2, 12.5, 12.7, 14.3, 7.11.
//!
//! Trees of a file may lead in circles: every walk remembers where it was.

use std::collections::{BTreeSet, HashSet};

use lopdf::{Dictionary, Document, Object, ObjectId, decode_text_string};

use super::{
    super::{
        flow::Flow,
        properties::property,
        xml::{Node, Xml, decode},
    },
    page::{Fonts, Reader},
};
use crate::extract::{attached::PieceKind, reading::Reading};

/// Fields, bookmarks or annotations that are looked at.
const MOST: usize = 100_000;
/// Entries of the document's own properties that say how, not what.
const TECHNICAL: &[&[u8]] =
    &[b"Producer", b"Creator", b"CreationDate", b"ModDate", b"Trapped", b"PTEX.Fullbanner"];
/// Elements of XMP whose text a person wrote.
const WRITTEN: &[&str] =
    &["title", "description", "subject", "rights", "Keywords", "Label", "Headline", "Instructions"];

/// A text entry of a dictionary.
fn text(dictionary: &Dictionary, key: &[u8], document: &Document) -> Option<String> {
    let object = dictionary.get_deref(key, document).ok()?;
    let text = match object {
        Object::String(..) => decode_text_string(object).ok()?,
        Object::Name(name) => String::from_utf8_lossy(name).into_owned(),
        Object::Stream(stream) => {
            String::from_utf8_lossy(&stream.get_plain_content_with_limit(1 << 20).ok()?).into_owned()
        }
        Object::Integer(number) => number.to_string(),
        Object::Real(number) => number.to_string(),
        Object::Array(list) => {
            let each = list.iter().filter_map(|one| document.dereference(one).ok());
            each.filter_map(|(_, one)| decode_text_string(one).ok()).collect::<Vec<_>>().join(", ")
        }
        _ => return None,
    };
    Some(text).filter(|text| !text.trim().is_empty())
}

/// Notes, stamps and links of a page.
pub(super) fn annotations(
    document: &Document,
    page: &Dictionary,
    number: u32,
    fonts: &mut Fonts,
    links: &mut BTreeSet<String>,
    reading: &mut Reading<'_>,
) {
    let Ok(annotations) = page.get_deref(b"Annots", document).and_then(Object::as_array) else { return };
    let (mut flow, mut said) = (Flow::default(), HashSet::new());
    for annotation in annotations.iter().take(MOST) {
        let Ok(Ok(annotation)) = document.dereference(annotation).map(|(_, object)| object.as_dict()) else {
            continue;
        };
        if let Ok(action) = annotation.get_deref(b"A", document).and_then(Object::as_dict) {
            links.extend(text(action, b"URI", document));
        }
        let kind = annotation.get_deref(b"Subtype", document).and_then(Object::as_name).unwrap_or_default();
        // Fields are read with the form, a pop-up repeats its note.
        if matches!(kind, b"Widget" | b"Popup" | b"Link") {
            continue;
        }
        for key in [b"Subj".as_slice(), b"Contents"] {
            if let Some(text) = text(annotation, key, document) {
                flow.paragraph(&text, None);
                said.insert(text.trim().to_owned());
            }
        }
        if let Some(shown) = appearance(document, annotation, fonts, reading)
            && said.insert(shown.trim().to_owned())
        {
            flow.paragraph(shown.trim(), None);
        }
    }
    reading.extend([flow.finish(PieceKind::Hidden, &[&format!("page {number}, annotations")])]);
}

/// The text that an annotation draws on its page.
fn appearance(
    document: &Document,
    annotation: &Dictionary,
    fonts: &mut Fonts,
    reading: &mut Reading<'_>,
) -> Option<String> {
    let normal = annotation.get_deref(b"AP", document).and_then(Object::as_dict).ok()?.get(b"N").ok()?;
    let (id, object) = document.dereference(normal).ok()?;
    let most = reading.bytes_left();
    let mut reader = Reader::new(document, fonts, 1.0, most);
    reader.form(id.unwrap_or((0, 0)), object.as_stream().ok()?, &[]);
    reading.spend(most.saturating_sub(reader.bytes_left()));
    Some(reader.finish().text).filter(|text| !text.trim().is_empty())
}

/// Fields of the form, as `name: value`.
pub(super) fn fields(document: &Document, reading: &mut Reading<'_>) {
    let Ok(catalog) = document.catalog() else { return };
    let Ok(form) = catalog.get_deref(b"AcroForm", document).and_then(Object::as_dict) else { return };
    let mut flow = Flow::default();
    let (mut seen, mut waiting): (HashSet<ObjectId>, Vec<(&Object, String)>) = (HashSet::new(), Vec::new());
    let listed = form.get_deref(b"Fields", document).and_then(Object::as_array);
    waiting.extend(listed.into_iter().flatten().rev().map(|field| (field, String::new())));
    let mut count = 0;
    while let Some((field, above)) = waiting.pop() {
        let Ok((id, object)) = document.dereference(field) else { continue };
        let Ok(field) = object.as_dict() else { continue };
        count += 1;
        if count > MOST || id.is_some_and(|id| !seen.insert(id)) {
            continue;
        }
        let own = text(field, b"TU", document).or_else(|| text(field, b"T", document)).unwrap_or_default();
        let name = if above.is_empty() || own.is_empty() {
            format!("{above}{own}")
        } else {
            format!("{above}.{own}")
        };
        let value = text(field, b"V", document).or_else(|| text(field, b"DV", document));
        if let Some(value) = value.filter(|value| value != "Off") {
            flow.paragraph(&format!("{name}: {value}"), None);
        }
        if let Ok(kids) = field.get_deref(b"Kids", document).and_then(Object::as_array) {
            // A name grows with each level; no form has a name this long.
            if name.len() < 1_000 {
                waiting.extend(kids.iter().rev().map(|kid| (kid, name.clone())));
            }
        }
    }
    for stream in xfa(form, document) {
        let Ok(content) = stream.get_plain_content_with_limit(reading.bytes_left().min(16 << 20)) else {
            continue;
        };
        reading.spend(content.len());
        xfa_values(&decode(&content), &mut flow);
    }
    reading.extend([flow.finish(PieceKind::Body, &["form fields"])]);
}

/// The streams of an XFA form.
fn xfa<'d>(form: &'d Dictionary, document: &'d Document) -> Vec<&'d lopdf::Stream> {
    match form.get_deref(b"XFA", document) {
        Ok(Object::Stream(stream)) => vec![stream],
        Ok(Object::Array(parts)) => {
            let parts = parts.iter().filter_map(|part| document.dereference(part).ok());
            parts.filter_map(|(_, part)| part.as_stream().ok()).collect()
        }
        _ => Vec::new(),
    }
}

/// Values of the data of an XFA form: elements that hold nothing but text.
fn xfa_values(text: &str, flow: &mut Flow) {
    let (mut xml, mut name, mut value, mut data) = (Xml::new(text), String::new(), String::new(), 0_usize);
    while let Some(node) = xml.next() {
        match node {
            Node::Open(element) => {
                data += usize::from(data > 0 || element.name() == "datasets");
                element.name().clone_into(&mut name);
                value.clear();
            }
            Node::Text(text) if data > 0 => value.push_str(&text),
            Node::Text(_) => {}
            Node::Close(closed) => {
                data = data.saturating_sub(1);
                if closed == name && !value.trim().is_empty() {
                    flow.paragraph(&format!("{name}: {}", value.trim()), None);
                }
                value.clear();
            }
        }
    }
}

/// Titles of bookmarks.
pub(super) fn outlines(document: &Document, reading: &mut Reading<'_>) {
    let root = document
        .catalog()
        .and_then(|catalog| catalog.get_deref(b"Outlines", document))
        .and_then(Object::as_dict);
    let mut flow = Flow::default();
    let (mut seen, mut waiting): (HashSet<ObjectId>, Vec<&Object>) = (HashSet::new(), Vec::new());
    waiting.extend(root.ok().and_then(|root| root.get(b"First").ok()));
    while let Some(item) = waiting.pop() {
        let Ok((Some(id), object)) = document.dereference(item) else { continue };
        let Ok(item) = object.as_dict() else { continue };
        if seen.len() > MOST || !seen.insert(id) {
            continue;
        }
        if let Some(title) = text(item, b"Title", document) {
            flow.paragraph(&title, None);
        }
        waiting.extend(item.get(b"Next").ok());
        waiting.extend(item.get(b"First").ok());
    }
    reading.extend([flow.finish(PieceKind::Property, &["bookmarks"])]);
}

/// The document's own properties, and those in its XMP that these do not repeat.
pub(super) fn properties(document: &Document, reading: &mut Reading<'_>) {
    let (mut flow, mut known) = (Flow::default(), HashSet::new());
    if let Ok(info) = document.trailer.get_deref(b"Info", document).and_then(Object::as_dict) {
        for (key, _) in info.iter().filter(|(key, _)| !TECHNICAL.contains(&key.as_slice())).take(1_000) {
            if let Some(value) = text(info, key, document) {
                property(&String::from_utf8_lossy(key), &value, &mut flow);
                known.insert(value.trim().to_owned());
            }
        }
    }
    let metadata = document
        .catalog()
        .and_then(|catalog| catalog.get_deref(b"Metadata", document))
        .and_then(Object::as_stream);
    if let Ok(metadata) = metadata
        && let Ok(content) = metadata.get_plain_content_with_limit(reading.bytes_left().min(4 << 20))
    {
        let text = decode(&content);
        let (mut xml, mut of, mut value) = (Xml::new(&text), String::new(), String::new());
        while let Some(node) = xml.next() {
            match node {
                Node::Open(element) => {
                    if WRITTEN.contains(&element.name()) || element.name().starts_with("MSIP_Label") {
                        element.name().clone_into(&mut of);
                    }
                    value.clear();
                }
                Node::Text(text) => value.push_str(&text),
                Node::Close(name) => {
                    let said = value.trim();
                    if !of.is_empty() && !said.is_empty() && known.insert(said.to_owned()) {
                        property(&of, said, &mut flow);
                    }
                    value.clear();
                    if name == of {
                        of.clear();
                    }
                }
            }
        }
    }
    reading.extend([flow.finish(PieceKind::Property, &["properties"])]);
}

/// Files attached to the document, its pages and its annotations.
pub(super) fn attached(document: &Document, reading: &mut Reading<'_>) {
    let mut seen: HashSet<ObjectId> = HashSet::new();
    let mut count = 0;
    for object in document.objects.values() {
        let Ok(specification) = object.as_dict() else { continue };
        // A file specification stands alone, or in an annotation that shows a pin.
        let inner = specification.get(b"FS").and_then(Object::as_dict).ok();
        for file in [Some(specification), inner].into_iter().flatten() {
            let Ok(embedded) = file.get_deref(b"EF", document).and_then(Object::as_dict) else { continue };
            let content = embedded.get(b"F").or_else(|_| embedded.get(b"UF"));
            let Ok(Ok((id, content))) = content.map(|content| document.dereference(content)) else {
                continue;
            };
            let Ok(stream) = content.as_stream() else { continue };
            if id.is_some_and(|id| !seen.insert(id)) || count > 1_000 {
                continue;
            }
            count += 1;
            let name = text(file, b"UF", document).or_else(|| text(file, b"F", document));
            let name = name.unwrap_or_else(|| "attached file".to_owned());
            match stream.get_plain_content_with_limit(reading.bytes_left()) {
                Ok(content) => {
                    reading.spend(content.len());
                    reading.member(&name, content);
                }
                Err(_) => reading.unread(&[&name], super::Unread::OverLimit),
            }
        }
    }
}
