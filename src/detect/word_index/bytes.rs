//! Bytes of a text, eight or sixty-four at a time.

/// Which bytes of a block are letters and digits, and which begin characters beyond ASCII; a bit each.
pub(super) struct Kinds {
    pub(super) in_runs: u64,
    pub(super) beyond: u64,
}

impl Kinds {
    pub(super) const BYTES: usize = 64;

    pub(super) fn of(block: &[u8; Kinds::BYTES]) -> Kinds {
        let in_runs =
            block.map(|byte| u8::from((byte | 0x20).wrapping_sub(b'a') < 26 || byte.wrapping_sub(b'0') < 10));
        let beyond = if block.is_ascii() { 0 } else { bits(&block.map(|byte| u8::from(byte >= 0xc0))) };
        Kinds { in_runs: bits(&in_runs), beyond }
    }
}

/// Gathers bytes that are 0 or 1 into bits.
pub(super) fn bits(flags: &[u8; Kinds::BYTES]) -> u64 {
    let eight = |(index, eight): (usize, &[u8; 8])| {
        (u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * index)
    };
    flags.as_chunks().0.iter().enumerate().map(eight).sum()
}

/// The places of the bits that are set, the lowest first.
pub(super) fn ones(bits: u64) -> impl Iterator<Item = usize> {
    let mut left = bits;
    std::iter::from_fn(move || {
        let at = left.trailing_zeros() as usize;
        left &= left.checked_sub(1)?;
        Some(at)
    })
}

/// Eight bytes of a text from `at` on, with zeros behind its end.
#[inline]
pub(super) fn bytes_at(text: &[u8], at: usize) -> u64 {
    let rest = &text[at..];
    if let Some(eight) = rest.first_chunk() {
        return u64::from_le_bytes(*eight);
    }
    let mut eight = [0; 8];
    eight[..rest.len()].copy_from_slice(rest);
    u64::from_le_bytes(eight)
}

/// The first `len` of eight bytes, at least one.
pub(super) fn first_of(bytes: u64, len: usize) -> u64 {
    bytes & u64::MAX >> (64 - 8 * len.min(8))
}

/// The first two characters of a text from `at` on, and the first.
pub(super) fn keys_beyond(text: &[u8], at: usize) -> (u64, u64) {
    let bytes = bytes_at(text, at);
    let one = width(text[at]);
    let next = text.get(at + one).map_or(0, |byte| width(*byte));
    (first_of(bytes, one + next), first_of(bytes, one))
}

/// Bytes of the character that a byte begins.
pub(super) fn width(first: u8) -> usize {
    match first {
        0..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    }
}
