//! The XML of office documents as a stream: elements opened and closed by local name, text with its references resolved.
//!
//! Nothing is copied that can be borrowed: a spreadsheet has millions of tags. Only the five entities of XML itself and character references
//! are resolved: a document's own entities expand to nothing, so no bomb can grow. What is no markup ends the stream; what was read before stays.

use std::borrow::Cow;

/// What stands next.
#[derive(Debug)]
pub(super) enum Node<'x> {
    /// An element opens; an empty one closes right after.
    Open(Element<'x>),
    /// An element closes: its local name.
    Close(&'x str),
    /// Text between tags.
    Text(Cow<'x, str>),
}

/// An opened element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'x> {
    name: &'x str,
    attributes: &'x str,
}

/// A document being read.
#[derive(Debug)]
pub(super) struct Xml<'x> {
    rest: &'x str,
    /// The name of an empty element that was opened and closes next.
    closes: Option<&'x str>,
    open: usize,
    is_broken: bool,
}

impl<'x> Xml<'x> {
    /// Reads `text` from its start.
    pub(super) fn new(text: &'x str) -> Xml<'x> {
        Xml { rest: text, closes: None, open: 0, is_broken: false }
    }

    /// The next node; `None` at the end and where it is broken.
    pub(super) fn next(&mut self) -> Option<Node<'x>> {
        if let Some(name) = self.closes.take() {
            return Some(Node::Close(name));
        }
        while !self.rest.is_empty() {
            let Some(markup) = self.rest.strip_prefix('<') else {
                let end = memchr::memchr(b'<', self.rest.as_bytes()).unwrap_or(self.rest.len());
                return Some(Node::Text(resolved(self.take(0, end, 0), Breaks::Kept)));
            };
            match markup.as_bytes() {
                [b'/', ..] => {
                    let Some(end) = memchr::memchr(b'>', markup.as_bytes()) else { break };
                    self.open = self.open.saturating_sub(1);
                    return Some(Node::Close(local(self.take(2, end - 1, 1).trim_ascii_end())));
                }
                [b'?', ..] => {
                    let Some(end) = markup.find("?>") else { break };
                    self.take(1, end, 2);
                }
                [b'!', ..] => match self.declaration(markup) {
                    Some(text) if !text.is_empty() => return Some(Node::Text(text)),
                    Some(_) => {}
                    None => break,
                },
                _ => match tag_end(markup) {
                    Some(end) => return Some(Node::Open(self.element(end))),
                    None => break,
                },
            }
        }
        self.is_broken |= self.open > 0 || !self.rest.is_empty();
        self.rest = "";
        None
    }

    /// Passes over `before` bytes, takes `len` and passes over `behind` more.
    fn take(&mut self, before: usize, len: usize, behind: usize) -> &'x str {
        let taken = &self.rest[before..before + len];
        self.rest = &self.rest[before + len + behind..];
        taken
    }

    /// The element whose tag ends `end` bytes behind its bracket.
    fn element(&mut self, end: usize) -> Element<'x> {
        let tag = self.take(1, end, 1);
        let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let len = tag.bytes().position(|byte| byte.is_ascii_whitespace()).unwrap_or(tag.len());
        let (name, attributes) = tag.split_at(len);
        let name = local(name);
        if is_empty {
            self.closes = Some(name);
        } else {
            self.open += 1;
        }
        Element { name, attributes }
    }

    /// Passes over a comment or a document type, which have no text, or takes the text of a section; `None` where it does not end.
    fn declaration(&mut self, markup: &'x str) -> Option<Cow<'x, str>> {
        if markup.starts_with("!--") {
            let end = markup.get(3..)?.find("-->")?;
            self.take(4, end, 3);
        } else if let Some(section) = markup.strip_prefix("![CDATA[") {
            let end = section.find("]]>")?;
            return Some(unbroken(self.take(9, end, 3), Breaks::Kept));
        } else {
            // Its own declarations stand within it.
            let mut depth = 1_usize;
            let end = memchr::memchr2_iter(b'<', b'>', markup.as_bytes()).find(|at| {
                depth = if markup.as_bytes()[*at] == b'<' { depth + 1 } else { depth - 1 };
                depth == 0
            });
            self.take(1, end?, 1);
        }
        Some(Cow::Borrowed(""))
    }

    /// Whether it ended because it is not well-formed, or before its elements did.
    pub(super) fn is_broken(&self) -> bool {
        self.is_broken
    }
}

/// Where a tag ends: at a bracket outside of quotes.
fn tag_end(markup: &str) -> Option<usize> {
    let mut quote = 0;
    markup.bytes().position(|byte| match byte {
        b'"' | b'\'' if quote == 0 => {
            quote = byte;
            false
        }
        _ if byte == quote => {
            quote = 0;
            false
        }
        byte => byte == b'>' && quote == 0,
    })
}

impl<'x> Element<'x> {
    /// The local name.
    pub(super) fn name(&self) -> &'x str {
        self.name
    }

    /// The value of the first attribute of this local name.
    pub(super) fn get(&self, name: &str) -> Option<Cow<'x, str>> {
        self.attributes().find(|(key, _)| local(key) == name).map(|(_, value)| attribute(value))
    }

    /// The value of the first attribute of this local name that has a prefix: `r:id` beside `id`.
    pub(super) fn get_prefixed(&self, name: &str) -> Option<Cow<'x, str>> {
        let mut attributes = self.attributes();
        let found = attributes.find(|(key, _)| key.contains(':') && local(key) == name);
        found.map(|(_, value)| attribute(value))
    }

    /// Whether an on/off element or attribute says on: present without a value, `1`, `true`, `on`.
    pub(super) fn is_on(&self) -> bool {
        self.get("val").is_none_or(|value| !matches!(&*value, "0" | "false" | "off" | "none"))
    }

    /// Each attribute by its local name.
    pub(super) fn each(&self, mut take: impl FnMut(&str, &str)) {
        for (key, value) in self.attributes() {
            take(local(key), &attribute(value));
        }
    }

    /// Names and values as they are written; what is none ends them.
    fn attributes(&self) -> impl Iterator<Item = (&'x str, &'x str)> + use<'x> {
        let mut rest = self.attributes;
        std::iter::from_fn(move || {
            let (key, behind) = rest.split_at(rest.bytes().position(|byte| byte == b'=')?);
            let value = behind[1..].trim_ascii_start();
            let quote = value.bytes().next().filter(|byte| matches!(byte, b'"' | b'\''))?;
            let end = 1 + value.bytes().skip(1).position(|byte| byte == quote)?;
            rest = &value[end + 1..];
            Some((key.trim_ascii(), &value[1..end]))
        })
    }
}

/// The part of a name after its prefix.
fn local(name: &str) -> &str {
    name.bytes().rposition(|byte| byte == b':').map_or(name, |colon| &name[colon + 1..])
}

/// What line breaks and tabs are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Breaks {
    /// Themselves; all line breaks alike, XML 1.0 2.11.
    Kept,
    /// Spaces, as in the values of attributes, XML 1.0 3.3.3.
    Spaces,
}

/// The value of an attribute.
fn attribute(value: &str) -> Cow<'_, str> {
    if value.bytes().any(|byte| byte == b'&' || byte < b' ') {
        resolved(value, Breaks::Spaces)
    } else {
        value.into()
    }
}

/// Text with its references resolved.
fn resolved(text: &str, breaks: Breaks) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'&', text.as_bytes()) else { return unbroken(text, breaks) };
    let mut plain = String::with_capacity(text.len());
    plain.push_str(&unbroken(&text[..first], breaks));
    // Each piece begins behind an ampersand.
    for piece in text[first + 1..].split('&') {
        match piece.split_once(';').filter(|(name, _)| is_name(name)) {
            Some((name, behind)) => {
                plain.extend(reference(name));
                plain.push_str(&unbroken(behind, breaks));
            }
            None => {
                plain.push('&');
                plain.push_str(&unbroken(piece, breaks));
            }
        }
    }
    plain.into()
}

/// Whether a reference can be called so; an ampersand that begins none is text.
fn is_name(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'#' | b'_' | b'.' | b':' | b'-');
    !name.is_empty() && name.bytes().all(is_part)
}

/// The character that a reference names; none for a name of the document's own.
fn reference(name: &str) -> Option<char> {
    let code = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let c = match number.strip_prefix('x') {
                Some(digits) => code(digits, 16),
                None => code(number, 10),
            };
            c.filter(|c| *c != '\0')
        }
    }
}

/// Text with its line breaks as they are meant.
fn unbroken(text: &str, breaks: Breaks) -> Cow<'_, str> {
    match breaks {
        Breaks::Kept if memchr::memchr(b'\r', text.as_bytes()).is_none() => text.into(),
        Breaks::Kept => text.replace("\r\n", "\n").replace('\r', "\n").into(),
        Breaks::Spaces if !text.bytes().any(|byte| byte < b' ') => text.into(),
        Breaks::Spaces => text.replace("\r\n", " ").replace(['\r', '\n', '\t'], " ").into(),
    }
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
