//! Addresses of Bitcoin and Ethereum, by their checksums.

use sha2::{Digest, Sha256};
use sha3::Keccak256;

use super::{Entity, Mask, Reading, Site, Trigger};

/// Address of Bitcoin or Ethereum.
pub(super) const WALLET: Entity = Entity {
    name: "crypto-address",
    trigger: Trigger::Pattern(&[
        r"[13][a-z0-9]{25,34}",
        r"bc1[02-9ac-hj-np-z]{39}",
        r"bc1[02-9ac-hj-np-z]{59}",
        r"0x[0-9a-f]{40}",
    ]),
    examine: wallet,
    mask: Mask { head: 6, tail: 4 },
    about: "Bitcoin in base 58 with four bytes of double SHA-256 (1..., 3...) or in bech32 with a BCH code (bc1...), Ethereum as 0x and 40 hexadecimal digits whose capitals are a checksum \
        (EIP-55); without capitals there is none. Ties a person to all that the address ever paid. Mistaken for it: hashes, without checksum. Reference: BIP 173, BIP 350, EIP-55.",
};

fn wallet(site: &Site<'_>) -> Option<Reading> {
    // What is not seen or of double width stands in the original only.
    let original: String = site.written(site.span).chars().filter(char::is_ascii_alphanumeric).collect();
    let original = original.as_str();
    if original.len() != site.value.len() {
        return None;
    }
    let bits = if original.starts_with("0x") || original.starts_with("0X") {
        ethereum(&original[2..])?
    } else if site.value.starts_with("bc1") {
        is_bech32(original).then_some(4.5)?
    } else {
        is_base58(original).then_some(4.5)?
    };
    let canonical = if bits < 4.0 { site.value.to_owned() } else { original.to_owned() };
    Some(Reading { canonical, bits, span: site.span })
}

/// Base 58, 25 bytes, of which the last four check the others.
fn is_base58(address: &str) -> bool {
    const ALPHABET: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut bytes = [0u8; 25];
    for c in address.bytes() {
        let Some(mut carry) = ALPHABET.iter().position(|known| *known == c) else { return false };
        for byte in bytes.iter_mut().rev() {
            carry += 58 * usize::from(*byte);
            *byte = (carry % 256) as u8;
            carry /= 256;
        }
        if carry > 0 {
            return false;
        }
    }
    let (body, check) = bytes.split_at(21);
    let digest = Sha256::digest(Sha256::digest(body));
    matches!(body[0], 0 | 5) && digest[..4] == *check
}

/// Bech32 for version 0, bech32m for later ones, all in one case.
fn is_bech32(address: &str) -> bool {
    const ALPHABET: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let is_mixed = address.bytes().any(|byte| byte.is_ascii_lowercase())
        && address.bytes().any(|byte| byte.is_ascii_uppercase());
    let data = address.get(3..).unwrap_or_default().to_ascii_lowercase();
    let values: Option<Vec<u32>> = data
        .bytes()
        .map(|c| ALPHABET.iter().position(|known| *known == c).map(|value| value as u32))
        .collect();
    let Some(values) = values.filter(|_| !is_mixed) else { return false };
    // `bc`: the high bits of its letters, zero, the low bits.
    let prefix = [3, 3, 0, 2, 3];
    let check = prefix.iter().chain(&values).fold(1u32, |check, value| {
        let top = check >> 25;
        let next = ((check & 0x01ff_ffff) << 5) ^ value;
        GENERATOR
            .iter()
            .enumerate()
            .fold(next, |next, (bit, generator)| if top >> bit & 1 == 1 { next ^ generator } else { next })
    });
    check == if values.first() == Some(&0) { 1 } else { 0x2bc8_30a3 }
}

/// What 40 hexadecimal digits are worth by their capitals; nothing where those are wrong.
fn ethereum(digits: &str) -> Option<f64> {
    let is_upper = |byte: u8| byte.is_ascii_uppercase();
    let letters = || digits.bytes().filter(u8::is_ascii_alphabetic);
    // Digits alone, or one digit over and over, are numbers.
    if letters().count() == 0 || digits.bytes().all(|byte| byte == digits.as_bytes()[0]) {
        return None;
    }
    if letters().all(is_upper) || !letters().any(is_upper) {
        return Some(1.6);
    }
    let digest = Keccak256::digest(digits.to_ascii_lowercase().as_bytes());
    let fits = digits.bytes().enumerate().all(|(index, byte)| {
        let nibble = if index % 2 == 0 { digest[index / 2] >> 4 } else { digest[index / 2] & 15 };
        !byte.is_ascii_alphabetic() || is_upper(byte) == (nibble >= 8)
    });
    fits.then_some(4.5)
}
