//! Encrypted office documents (MS-OFFCRYPTO 2.3.4): a compound file around the real one, which is opened with a password of the message.
//!
//! Both ways are read: the standard one of Office 2007 and the agile one since. What opens with the word that programs use where nobody chose one is
//! no secret, and is read as if it were plain.

use std::io::Cursor;

use aes::{
    Aes128, Aes192, Aes256,
    cipher::{Array, BlockCipherDecrypt, KeyInit},
};
use cfb::CompoundFile;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::{
    ole,
    xml::{Element, Node, Xml},
};
use crate::{
    extract::reading::Reading,
    message::{Unread, plain_base64},
};

/// What Excel and PowerPoint encrypt with where only changes are to be hindered.
const OPEN_TO_ALL: [&str; 2] = ["VelvetSweatshop", "/01Hannes Ruescher/01"];
/// Passwords of the message that are tried: each costs a hundred thousand hashes.
const TRIED: usize = 4;
/// Hashes that a file may ask for, of a password.
const MOST_SPINS: u32 = 1_000_000;
/// What a hash counts as, in bytes unpacked: a message may hold many files that no password opens.
const SPIN: usize = 16;
/// Rounds of the standard way.
const STANDARD_SPINS: u32 = 50_000;
/// Bytes of a block of AES.
const BLOCK: usize = 16;
/// Bytes that are encrypted together in the agile way.
const SEGMENT: usize = 4096;

/// Opens an encrypted document, and reads what is in it.
pub(super) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Unread> {
    let mut file = CompoundFile::open(Cursor::new(bytes)).map_err(|_| Unread::Broken)?;
    let mut stream = |name| ole::stream(&mut file, name, reading).ok_or(Unread::Encrypted);
    let (info, package) = (stream("/EncryptionInfo")?, stream("/EncryptedPackage")?);
    // Certificates and rights management have no password.
    let lock = Lock::read(&info).ok_or(Unread::Encrypted)?;
    let sent = reading.passwords();
    let open = OPEN_TO_ALL.into_iter().map(|word| (word, false));
    for (word, is_sent) in open.chain(sent.iter().take(TRIED).map(|word| (word.as_str(), true))) {
        if reading.is_spent() || lock.spins() > MOST_SPINS {
            return Err(Unread::OverLimit);
        }
        reading.spend(lock.spins() as usize * SPIN);
        let Some(key) = lock.key(word) else { continue };
        let content = lock.content(&key, &package).ok_or(Unread::Broken)?;
        if is_sent {
            reading.opened_with_password();
        }
        return reading.inner(&content);
    }
    Err(Unread::Encrypted)
}

/// How a document is encrypted.
#[derive(Debug)]
enum Lock {
    Standard(Standard),
    Agile(Box<Agile>),
}

/// MS-OFFCRYPTO 2.3.4.5.
#[derive(Debug)]
struct Standard {
    key_bytes: usize,
    salt: Vec<u8>,
    verifier: Vec<u8>,
    verifier_hash: Vec<u8>,
}

/// MS-OFFCRYPTO 2.3.4.10.
#[derive(Debug, Default)]
struct Agile {
    /// Of the content.
    data: Suite,
    /// Of the key to it.
    password: Suite,
    spins: u32,
    verifier: Vec<u8>,
    verifier_hash: Vec<u8>,
    key: Vec<u8>,
}

/// A salt and what is done with it.
#[derive(Debug, Default)]
struct Suite {
    hash: Hash,
    key_bytes: usize,
    salt: Vec<u8>,
}

impl Lock {
    /// What `EncryptionInfo` says; `None` for what has no password or no cipher that is known.
    fn read(info: &[u8]) -> Option<Lock> {
        let number = |at: usize| Some(u16::from_le_bytes(info.get(at..at + 2)?.try_into().ok()?));
        match (number(0)?, number(2)?) {
            (4, 4) => Agile::read(std::str::from_utf8(info.get(8..)?).ok()?).map(Box::new).map(Lock::Agile),
            (2..=4, 2) => Standard::read(info.get(8..)?).map(Lock::Standard),
            _ => None,
        }
    }

    fn spins(&self) -> u32 {
        match self {
            Lock::Standard(_) => STANDARD_SPINS,
            Lock::Agile(agile) => agile.spins,
        }
    }

    /// The key to the content, if it is opened by this password.
    fn key(&self, password: &str) -> Option<Vec<u8>> {
        let password: Vec<u8> = password.encode_utf16().flat_map(u16::to_le_bytes).collect();
        match self {
            Lock::Standard(standard) => standard.key(&password),
            Lock::Agile(agile) => agile.key(&password),
        }
    }

    /// The document in `EncryptedPackage`: its size, then what is encrypted.
    fn content(&self, key: &[u8], package: &[u8]) -> Option<Vec<u8>> {
        let (size, sealed) = package.split_first_chunk()?;
        let size = usize::try_from(u64::from_le_bytes(*size)).ok()?;
        let mut content = whole_blocks(sealed).to_vec();
        match self {
            Lock::Standard(_) => decrypt(key, None, &mut content)?,
            Lock::Agile(agile) => {
                for (number, segment) in (0_u32..).zip(content.chunks_mut(SEGMENT)) {
                    let start = agile.data.hash.of(&[&agile.data.salt, &number.to_le_bytes()]);
                    decrypt(key, Some(&fitted(start, BLOCK)), segment)?;
                }
            }
        }
        content.truncate(size);
        Some(content)
    }
}

impl Standard {
    fn read(header: &[u8]) -> Option<Standard> {
        let number = |bytes: &[u8], at: usize| {
            let four = bytes.get(at..at.checked_add(4)?)?;
            usize::try_from(u32::from_le_bytes(four.try_into().ok()?)).ok()
        };
        let size = number(header, 0)?;
        let (fixed, rest) = header.get(4..)?.split_at_checked(size)?;
        // The algorithms that are AES; RC4 has other headers.
        let is_aes = matches!(number(fixed, 8)?, 0x660e..=0x6610);
        let salt = rest.get(4..20)?.to_vec();
        is_aes.then_some(Standard {
            key_bytes: number(fixed, 16)? / 8,
            salt,
            verifier: rest.get(20..36)?.to_vec(),
            verifier_hash: rest.get(40..72)?.to_vec(),
        })
    }

    /// MS-OFFCRYPTO 2.3.4.7 and 2.3.4.9.
    fn key(&self, password: &[u8]) -> Option<Vec<u8>> {
        let hash = Hash::Sha1.spun(&self.salt, password, STANDARD_SPINS);
        let hash = Hash::Sha1.of(&[&hash, &[0; 4]]);
        let half = |pad: u8| {
            let mut block = [pad; 64];
            block.iter_mut().zip(&hash).for_each(|(byte, of_hash)| *byte ^= of_hash);
            Hash::Sha1.of(&[&block])
        };
        let mut key = half(0x36);
        key.extend(half(0x5c));
        key.truncate(self.key_bytes);
        let (mut verifier, mut expected) = (self.verifier.clone(), self.verifier_hash.clone());
        decrypt(&key, None, &mut verifier)?;
        decrypt(&key, None, &mut expected)?;
        expected.starts_with(&Hash::Sha1.of(&[&verifier])).then_some(key)
    }
}

impl Agile {
    fn read(xml: &str) -> Option<Agile> {
        let (mut xml, mut agile) = (Xml::new(xml), Agile::default());
        while let Some(node) = xml.next() {
            let Node::Open(element) = node else { continue };
            let bytes = |name: &str| base64(&element.get(name).unwrap_or_default());
            match element.name() {
                "keyData" => agile.data = Suite::read(&element)?,
                "encryptedKey" => {
                    agile.password = Suite::read(&element)?;
                    agile.spins = element.get("spinCount")?.parse().ok()?;
                    agile.verifier = bytes("encryptedVerifierHashInput")?;
                    agile.verifier_hash = bytes("encryptedVerifierHashValue")?;
                    agile.key = bytes("encryptedKeyValue")?;
                }
                _ => {}
            }
        }
        (!agile.data.salt.is_empty() && !agile.key.is_empty()).then_some(agile)
    }

    /// MS-OFFCRYPTO 2.3.4.11 to 2.3.4.13.
    fn key(&self, password: &[u8]) -> Option<Vec<u8>> {
        let hash = self.password.hash.spun(&self.password.salt, password, self.spins);
        let open = |purpose: [u8; 8], sealed: &[u8]| {
            let key = fitted(self.password.hash.of(&[&hash, &purpose]), self.password.key_bytes);
            let mut content = whole_blocks(sealed).to_vec();
            decrypt(&key, Some(&fitted(self.password.salt.clone(), BLOCK)), &mut content)?;
            Some(content)
        };
        let verifier = open([0xfe, 0xa7, 0xd2, 0x76, 0x3b, 0x4b, 0x9e, 0x79], &self.verifier)?;
        let expected = open([0xd7, 0xaa, 0x0f, 0x6d, 0x30, 0x61, 0x34, 0x4e], &self.verifier_hash)?;
        if !expected.starts_with(&self.password.hash.of(&[&verifier])) {
            return None;
        }
        let key = open([0x14, 0x6e, 0x0b, 0xe7, 0xab, 0xac, 0xd0, 0xd6], &self.key)?;
        key.get(..self.data.key_bytes).map(<[u8]>::to_vec)
    }
}

impl Suite {
    fn read(element: &Element<'_>) -> Option<Suite> {
        let is = |name: &str, value: &str| element.get(name).is_some_and(|found| found == value);
        if !is("cipherAlgorithm", "AES") || !is("cipherChaining", "ChainingModeCBC") {
            return None;
        }
        let bits: usize = element.get("keyBits")?.parse().ok()?;
        let hash = match &*element.get("hashAlgorithm")? {
            "SHA1" | "SHA-1" => Hash::Sha1,
            "SHA256" | "SHA-256" => Hash::Sha256,
            "SHA384" | "SHA-384" => Hash::Sha384,
            "SHA512" | "SHA-512" => Hash::Sha512,
            _ => return None,
        };
        Some(Suite { hash, key_bytes: bits / 8, salt: base64(&element.get("saltValue")?)? })
    }
}

/// The hash functions of the formats.
#[derive(Clone, Copy, Debug, Default)]
enum Hash {
    #[default]
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// The hash of pieces, one after the other.
    fn of(self, pieces: &[&[u8]]) -> Vec<u8> {
        match self {
            Hash::Sha1 => hash::<Sha1>(pieces).to_vec(),
            Hash::Sha256 => hash::<Sha256>(pieces).to_vec(),
            Hash::Sha384 => hash::<Sha384>(pieces).to_vec(),
            Hash::Sha512 => hash::<Sha512>(pieces).to_vec(),
        }
    }

    /// The hash of a password, hashed so many times more with its number.
    fn spun(self, salt: &[u8], password: &[u8], spins: u32) -> Vec<u8> {
        match self {
            Hash::Sha1 => spun::<Sha1>(salt, password, spins),
            Hash::Sha256 => spun::<Sha256>(salt, password, spins),
            Hash::Sha384 => spun::<Sha384>(salt, password, spins),
            Hash::Sha512 => spun::<Sha512>(salt, password, spins),
        }
    }
}

fn hash<D: Digest>(pieces: &[&[u8]]) -> sha2::digest::Output<D> {
    pieces.iter().fold(D::new(), |hash, piece| hash.chain_update(piece)).finalize()
}

fn spun<D: Digest>(salt: &[u8], password: &[u8], spins: u32) -> Vec<u8> {
    let first = hash::<D>(&[salt, password]);
    (0..spins).fold(first, |last, number| hash::<D>(&[&number.to_le_bytes(), &last])).to_vec()
}

/// Bytes made as long as they must be.
fn fitted(mut bytes: Vec<u8>, len: usize) -> Vec<u8> {
    // A length from the file: no key is longer than this.
    bytes.resize(len.min(64), 0x36);
    bytes
}

fn whole_blocks(sealed: &[u8]) -> &[u8] {
    &sealed[..sealed.len() / BLOCK * BLOCK]
}

/// Undoes AES over whole blocks: chained from `start` on, or each by itself. `None` for a key of no length that it has.
fn decrypt(key: &[u8], start: Option<&[u8]>, bytes: &mut [u8]) -> Option<()> {
    match key.len() {
        16 => unchain(&Aes128::new_from_slice(key).ok()?, start, bytes),
        24 => unchain(&Aes192::new_from_slice(key).ok()?, start, bytes),
        32 => unchain(&Aes256::new_from_slice(key).ok()?, start, bytes),
        _ => return None,
    }
    Some(())
}

fn unchain<C>(cipher: &C, start: Option<&[u8]>, bytes: &mut [u8])
where
    C: BlockCipherDecrypt<BlockSize = aes::cipher::consts::U16>,
{
    let mut before: [u8; BLOCK] = start.and_then(|start| start.try_into().ok()).unwrap_or_default();
    for block in bytes.as_chunks_mut::<BLOCK>().0 {
        let mut plain = Array::from(*block);
        cipher.decrypt_block(&mut plain);
        if start.is_some() {
            plain.iter_mut().zip(before).for_each(|(byte, before)| *byte ^= before);
            before = *block;
        }
        *block = plain.into();
    }
}

fn base64(text: &str) -> Option<Vec<u8>> {
    plain_base64(text.trim().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values that msoffcrypto-tool documents for a file made by Word.
    #[test]
    fn the_standard_way_comes_to_the_known_key() {
        let standard = Standard {
            key_bytes: 16,
            salt: b"\xe8\x82fI\x0c[\xd1\xee\xbd+C\x94\xe3\xf80\xef".to_vec(),
            verifier: b"Qos.\x96o\xac\x17\xb1\xc5\xd7\xd8\xcc6\xc9(".to_vec(),
            verifier_hash:
                b"+ah\xda\xbe)\x11\xad+\xd3|\x17Ft\\\x14\xd3\xcf\x1b\xb1@\xa4\x8fNo=#\x88\x08r\xb1j".to_vec(),
        };
        let utf16 = |word: &str| word.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let key = standard.key(&utf16("Password1234_")).expect("the right password");
        assert_eq!(key, b"@\xb1:q\xf9\x0b\x96n7T\x08\xf2\xd1\x81\xa1\xaa");
        assert_eq!(standard.key(&utf16("Password1234")), None);
    }
}
