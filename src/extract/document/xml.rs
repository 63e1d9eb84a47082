//! The XML of office documents as a stream: elements opened and closed by local name, text with its references resolved.
//!
//! Only the five entities of XML itself and character references are resolved: a document's own entities expand to nothing, so no bomb can
//! grow. What is not well-formed ends the stream; what was read before stays.

use std::borrow::Cow;

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_predefined_entity,
    events::{BytesStart, Event, attributes::Attribute},
};

/// What stands next.
#[derive(Debug)]
pub(super) enum Node<'n> {
    /// An element opens; an empty one closes right after.
    Open(Element<'n>),
    /// An element closes: its local name.
    Close(&'n str),
    /// Text between tags; a reference comes as text of its own.
    Text(Cow<'n, str>),
}

/// An opened element.
#[derive(Debug)]
pub(super) struct Element<'n>(&'n BytesStart<'n>);

/// A document being read.
#[derive(Debug)]
pub(super) struct Xml<'x> {
    reader: Reader<&'x [u8]>,
    event: Event<'x>,
    open: usize,
    is_broken: bool,
}

impl<'x> Xml<'x> {
    /// Reads `text` from its start.
    pub(super) fn new(text: &'x str) -> Xml<'x> {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        Xml { reader, event: Event::Eof, open: 0, is_broken: false }
    }

    /// The next node; `None` at the end and where it is broken.
    pub(super) fn next(&mut self) -> Option<Node<'_>> {
        loop {
            match self.reader.read_event() {
                Ok(Event::Eof) => {
                    self.is_broken |= self.open > 0;
                    return None;
                }
                Ok(event) => self.event = event,
                Err(_) => {
                    self.is_broken = true;
                    return None;
                }
            }
            if matches!(
                self.event,
                Event::Start(_) | Event::End(_) | Event::Text(_) | Event::CData(_) | Event::GeneralRef(_)
            ) {
                break;
            }
        }
        match &self.event {
            Event::Start(_) => self.open += 1,
            Event::End(_) => self.open = self.open.saturating_sub(1),
            _ => {}
        }
        match &self.event {
            Event::Start(start) => Some(Node::Open(Element(start))),
            Event::End(end) => Some(Node::Close(local(end.name().0))),
            Event::Text(text) => Some(Node::Text(text.xml10_content())),
            Event::CData(data) => Some(Node::Text(data.xml10_content())),
            Event::GeneralRef(name) => {
                let known = match name.resolve_char_ref() {
                    Ok(Some(c)) => Cow::Owned(c.to_string()),
                    _ if name.contains(char::is_whitespace) => Cow::Owned(format!("&{};", &**name)),
                    _ => Cow::Borrowed(resolve_predefined_entity(name).unwrap_or("")),
                };
                Some(Node::Text(known))
            }
            _ => None,
        }
    }

    /// Whether it ended because it is not well-formed, or before its elements did.
    pub(super) fn is_broken(&self) -> bool {
        self.is_broken
    }
}

impl Element<'_> {
    /// The local name.
    pub(super) fn name(&self) -> &str {
        local(self.0.name().0)
    }

    /// The value of the first attribute of this local name.
    pub(super) fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        self.attributes().find(|attribute| local(attribute.key.0) == name).map(value)
    }

    /// The value of the first attribute of this local name that has a prefix: `r:id` beside `id`.
    pub(super) fn get_prefixed(&self, name: &str) -> Option<Cow<'_, str>> {
        let is_it = |key: &str| key.contains(':') && local(key) == name;
        self.attributes().find(|attribute| is_it(attribute.key.0)).map(value)
    }

    /// Whether an on/off element or attribute says on: present without a value, `1`, `true`, `on`.
    pub(super) fn is_on(&self) -> bool {
        self.get("val").is_none_or(|value| !matches!(&*value, "0" | "false" | "off" | "none"))
    }

    /// Each attribute by its local name.
    pub(super) fn each(&self, mut take: impl FnMut(&str, &str)) {
        for attribute in self.attributes() {
            take(local(attribute.key.0), &value(attribute));
        }
    }

    fn attributes(&self) -> impl Iterator<Item = Attribute<'_>> {
        let mut attributes = self.0.attributes();
        attributes.with_checks(false);
        attributes.filter_map(Result::ok)
    }
}

/// The value of an attribute, with its references resolved where it has any.
fn value(attribute: Attribute<'_>) -> Cow<'_, str> {
    if attribute.value.bytes().all(|byte| byte != b'&' && byte >= b' ') {
        return attribute.value;
    }
    attribute.normalized_value(XmlVersion::Implicit1_0).unwrap_or(attribute.value)
}

/// The part of a name after its prefix.
fn local(name: &str) -> &str {
    name.bytes().rposition(|byte| byte == b':').map_or(name, |colon| &name[colon + 1..])
}

/// The text of an XML file: by its byte order mark, else by its declaration, else UTF-8.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let declared = || {
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]);
        let rest = head.split_once("encoding=")?.1;
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        encoding_rs::Encoding::for_label(rest[1..].split(quote).next()?.as_bytes())
    };
    let by_zeros = || match bytes {
        [b'<', 0, ..] => Some(encoding_rs::UTF_16LE),
        [0, b'<', ..] => Some(encoding_rs::UTF_16BE),
        _ => None,
    };
    let encoding = encoding_rs::Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let encoding = encoding.or_else(by_zeros).or_else(declared).unwrap_or(encoding_rs::UTF_8);
    encoding.decode(bytes).0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_text(text: &str) -> (String, bool) {
        let mut xml = Xml::new(text);
        let mut all = String::new();
        while let Some(node) = xml.next() {
            if let Node::Text(text) = node {
                all.push_str(&text);
            }
        }
        (all, xml.is_broken())
    }

    #[test]
    fn tags_are_read_as_they_are_written() {
        let text =
            "<?xml version='1.0'?><!-- <c> --><x:a  r:id = 'r>1' id=\"2&lt;\t3\" ><b/><b x='1' /></x:a >";
        let mut xml = Xml::new(text);
        let mut seen = Vec::new();
        while let Some(node) = xml.next() {
            seen.push(match node {
                Node::Open(element) => {
                    let mut all = format!("<{}", element.name());
                    element.each(|key, value| all.push_str(&format!(" {key}={value}")));
                    all
                }
                Node::Close(name) => format!("/{name}"),
                Node::Text(text) => text.into_owned(),
            });
        }
        assert_eq!(seen, ["<a id=r>1 id=2< 3", "<b", "/b", "<b x=1", "/b", "/a"]);
        assert!(!xml.is_broken());
        let mut xml = Xml::new(text);
        let Some(Node::Open(element)) = xml.next() else { panic!("an element") };
        assert_eq!(element.get_prefixed("id").as_deref(), Some("r>1"));
        assert_eq!(element.get("id").as_deref(), Some("r>1"));
    }

    #[test]
    fn what_is_no_markup_is_text_or_ends_it() {
        for (text, want, is_broken) in [
            ("<a>R&D & co; &#0;&#x4e2D;&nosuch;</a>", "R&D & co; 中", false),
            ("<a>1\r\n2\r3</a>", "1\n2\n3", false),
            ("<a>1</b></a></c>2", "12", false),
            ("<a>1<![CDATA[2", "1", true),
            ("<a>1<!-- 2", "1", true),
            ("<a>1", "1", true),
            ("<a>1</a><", "1", true),
            ("<a x='1>2</a>", "", true),
            ("<!DOCTYPE a [<!ELEMENT a (b)>]>", "", false),
        ] {
            assert_eq!(all_text(text), (want.to_owned(), is_broken), "{text}");
        }
    }

    #[test]
    fn references_are_text_and_own_entities_are_nothing() {
        assert_eq!(all_text("<a>x&amp;y&#20013;<![CDATA[<z>]]></a>").0, "x&y中<z>");
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;\">]><a>1&c;2</a>";
        assert_eq!(all_text(bomb).0, "12");
    }

    #[test]
    fn what_was_read_before_a_break_stays() {
        let (text, is_broken) = all_text("<a>kept<b");
        assert_eq!((text.as_str(), is_broken), ("kept", true));
    }

    #[test]
    fn encodings_are_told() {
        let utf16: Vec<u8> = "\u{feff}<a>中</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&utf16), "<a>中</a>");
        let (gbk, _, _) = encoding_rs::GBK.encode("<?xml version='1.0' encoding='GBK'?><a>中</a>");
        assert!(decode(&gbk).ends_with("<a>中</a>"));
    }
}
