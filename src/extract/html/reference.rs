//! Character references: `&nbsp;`, `&#x597d;`, `&copy`.

use std::convert::Infallible;

use html5gum::{
    Tokenizer,
    emitters::callback::{CallbackEmitter, CallbackEvent},
};

/// No reference is longer than this.
const LONGEST: usize = 40;

/// Decodes the reference at the start of `text`, which starts with `&`. Returns its text and its length in bytes; what is no
/// reference is the text itself.
pub(super) fn decode(text: &str) -> (String, usize) {
    let bytes = text.as_bytes();
    let mut len = 1 + bytes[1..]
        .iter()
        .take(LONGEST)
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'#')
        .count();
    if bytes.get(len) == Some(&b';') {
        len += 1;
    }
    let source = &text[..len];
    let common = match source {
        "&nbsp;" => Some("\u{a0}"),
        "&amp;" | "&" => Some("&"),
        "&lt;" => Some("<"),
        "&gt;" => Some(">"),
        "&quot;" => Some("\""),
        "&#39;" | "&apos;" => Some("'"),
        _ => None,
    };
    (common.map_or_else(|| tokenize(source), str::to_owned), len)
}

/// Lets the tokenizer decode it: it knows all names and what browsers do to wrong ones.
fn tokenize(source: &str) -> String {
    let mut decoded = String::new();
    let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: html5gum::Span<()>| {
        if let CallbackEvent::String { value } = event {
            decoded.push_str(&String::from_utf8_lossy(value));
        }
        None::<Infallible>
    });
    let Ok(()) = Tokenizer::new_with_emitter(source, emitter).finish();
    decoded
}
