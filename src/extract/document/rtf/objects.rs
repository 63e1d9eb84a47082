//! Objects put into rich text: hexadecimal digits of the older form of OLE. MS-OLEDS 2.2.5.

use super::super::ole;
use crate::extract::reading::Reading;

/// Hands on the object that these digits are.
pub(super) fn hand_on(digits: &[u8], reading: &mut Reading<'_>) {
    let digits: Vec<u8> =
        digits.iter().filter_map(|byte| (*byte as char).to_digit(16)).map(|digit| digit as u8).collect();
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    reading.spend(bytes.len());
    let mut rest = bytes.get(8..).unwrap_or_default();
    let mut class = String::new();
    for index in 0..3 {
        let Some(len) = rest.get(..4).and_then(|len| len.try_into().ok()).map(u32::from_le_bytes) else {
            return;
        };
        let Some(name) = rest.get(4..4_usize.saturating_add(len as usize)) else { return };
        if index == 0 {
            class = String::from_utf8_lossy(name).trim_end_matches('\0').to_owned();
        }
        rest = &rest[4 + name.len()..];
    }
    let content = rest.get(4..).unwrap_or_default().to_vec();
    if class == "Package" {
        ole::packed("embedded object", &content, reading);
    } else if !content.is_empty() {
        ole::embedded("embedded object", content, reading);
    }
}
