//! Compressed rich text of Outlook (MS-OXRTFCP): an LZ77 over a dictionary that starts with what every RTF begins with.

/// What the dictionary starts with, MS-OXRTFCP 2.1.2.1.
const START: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
/// Bytes of the dictionary.
const SIZE: usize = 4096;
/// Bytes before the content: sizes, kind, checksum.
const HEADER: usize = 16;

/// The rich text in `packed`, at most `most` bytes; what there is of it where it is cut.
pub(super) fn unpacked(packed: &[u8], most: usize) -> Vec<u8> {
    let mut out = decoded(packed, most);
    out.truncate(most);
    out
}

/// The same, a run longer at most.
fn decoded(packed: &[u8], most: usize) -> Vec<u8> {
    let Some(content) = packed.get(HEADER..) else { return Vec::new() };
    match &packed[8..12] {
        b"MELA" => return content.to_vec(),
        b"LZFu" => {}
        _ => return Vec::new(),
    }
    let mut window = [b' '; SIZE];
    window[..START.len()].copy_from_slice(START);
    let (mut at, mut out) = (START.len(), Vec::new());
    let mut bytes = content.iter().copied();
    while let Some(control) = bytes.next() {
        for bit in 0..8 {
            if out.len() >= most {
                return out;
            }
            if control >> bit & 1 == 0 {
                let Some(byte) = bytes.next() else { return out };
                window[at % SIZE] = byte;
                at += 1;
                out.push(byte);
                continue;
            }
            let Some((high, low)) = bytes.next().zip(bytes.next()) else { return out };
            let reference = usize::from(high) << 8 | usize::from(low);
            let (from, length) = (reference >> 4, (reference & 15) + 2);
            if from == at % SIZE {
                return out;
            }
            for step in 0..length {
                let byte = window[(from + step) % SIZE];
                window[at % SIZE] = byte;
                at += 1;
                out.push(byte);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_unpacks() {
        // MS-OXRTFCP 3.1.1.
        let packed = [
            0x2d, 0, 0, 0, 0x2b, 0, 0, 0, b'L', b'Z', b'F', b'u', 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0x00, 0x0a,
            0x00, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c,
            0x09, 0x00, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0,
        ];
        assert_eq!(unpacked(&packed, 1000), b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
        for end in 0..packed.len() {
            unpacked(&packed[..end], 1000);
        }
        assert_eq!(unpacked(&packed, 5).len(), 5);
    }
}
