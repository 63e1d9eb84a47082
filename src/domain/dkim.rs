//! The DKIM key of a selector (RFC 6376 3.6): there, not revoked, and long enough.

use super::{
    Check, Subject,
    dns::{Dns, Failure},
    tags,
};
use crate::message::plain_base64;

/// RSA keys below this are taken by nobody, below the other by many (RFC 8301 3.2).
const LEAST_BITS: usize = 1024;
const GOOD_BITS: usize = 2048;

pub(super) fn check(domain: &str, selector: &str, dns: &dyn Dns) -> Check {
    let name = format!("{selector}._domainkey.{domain}");
    let mut check = Check::new(Subject::Dkim, &name);
    let texts = match dns.texts(&name) {
        Ok((texts, ttl)) => {
            check.ttl = ttl;
            texts
        }
        Err(Failure::NoSuchName) => Vec::new(),
        Err(failure) => {
            check.fail(failure, &name);
            return check;
        }
    };
    match &texts[..] {
        [] => check.find("dkim.missing", &[("name", &name)]),
        [one] => key(&mut check, one),
        many => check.find("dkim.several", &[("count", &many.len().to_string())]),
    }
    check.found = texts;
    check
}

fn key(check: &mut Check, record: &str) {
    let Some(tags) = tags(record) else { return check.find("dkim.syntax", &[]) };
    let of = |name: &str| tags.iter().find(|(tag, _)| tag == name).map(|(_, value)| value.as_str());
    let version_is_first = tags.first().is_some_and(|(tag, value)| tag == "v" && value == "DKIM1");
    let Some(public) = of("p").filter(|_| version_is_first || of("v").is_none()) else {
        return check.find("dkim.syntax", &[]);
    };
    if of("t").unwrap_or_default().split(':').any(|flag| flag.trim() == "y") {
        check.find("dkim.testing", &[]);
    }
    let public: String = public.split_whitespace().collect();
    if public.is_empty() {
        return check.find("dkim.revoked", &[]);
    }
    match (of("k").unwrap_or("rsa"), plain_base64(public.as_bytes())) {
        ("ed25519", Some(bytes)) if bytes.len() == 32 => {}
        ("rsa", Some(bytes)) => match modulus_bits(&bytes) {
            None => check.find("dkim.syntax", &[]),
            Some(bits) if bits < LEAST_BITS => check.find("dkim.weak", &[("bits", &bits.to_string())]),
            Some(bits) if bits < GOOD_BITS => check.find("dkim.short", &[("bits", &bits.to_string())]),
            Some(_) => {}
        },
        _ => check.find("dkim.syntax", &[]),
    }
}

/// Bits of the modulus of an RSA key: the first number in the innermost sequence, with the wrapping that names the algorithm or without (RFC 8017 A.1.1, RFC 5280 4.1).
fn modulus_bits(der: &[u8]) -> Option<usize> {
    let (0x30, content, _) = element(der)? else { return None };
    let (tag, content, rest) = match element(content)? {
        // The name of the algorithm, then the key in a string of bits.
        (0x30, _, behind) => {
            let (0x03, bits, _) = element(behind)? else { return None };
            let (0x30, key, _) = element(bits.get(1..)?)? else { return None };
            element(key)?
        }
        number => number,
    };
    let digits = &content[content.iter().take_while(|byte| **byte == 0).count()..];
    (tag == 0x02 && !rest.is_empty())
        .then(|| digits.first().map(|first| digits.len() * 8 - first.leading_zeros() as usize))
        .flatten()
}

/// Tag and content of the first element, and what is behind it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let mut length = usize::from(first);
    if first & 0x80 != 0 {
        let (bytes, behind) = rest.split_at_checked(usize::from(first & 0x7f))?;
        if bytes.len() > 3 {
            return None;
        }
        length = bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        rest = behind;
    }
    let (content, behind) = rest.split_at_checked(length)?;
    Some((tag, content, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A public key of this many bits, every one of its modulus set, as a record holds it.
    fn rsa(bits: usize) -> Vec<u8> {
        let wrap = |tag: u8, content: &[u8]| {
            let length = content.len();
            let mut out = vec![tag, 0x82, (length >> 8) as u8, (length & 0xff) as u8];
            out.extend(content);
            out
        };
        let mut modulus = vec![0];
        modulus.extend(vec![0xff; bits / 8]);
        let key = wrap(0x30, &[wrap(0x02, &modulus), vec![0x02, 3, 1, 0, 1]].concat());
        let algorithm = [0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];
        wrap(0x30, &[algorithm.to_vec(), wrap(0x03, &[vec![0], key].concat())].concat())
    }

    #[test]
    fn keys_are_measured() {
        for bits in [512, 1024, 2048, 4096] {
            assert_eq!(modulus_bits(&rsa(bits)), Some(bits));
        }
        let whole = rsa(1024);
        for end in 0..whole.len() {
            assert_eq!(modulus_bits(&whole[..end]), None, "cut at {end}");
        }
    }
}
