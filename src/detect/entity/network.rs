//! Addresses of machines: IP and MAC addresses.

use std::net::{IpAddr, Ipv4Addr};

use super::{Entity, Mask, Reading, Site, Trigger};

/// Patterns of IPv4 addresses, with a prefix length or not, and of IPv6 addresses.
const PATTERNS: &[&str] = &[
    r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(?:/[0-9]{1,2})?",
    r"[0-9a-f]{1,4}(?::{1,2}[0-9a-f]{1,4}){2,7}(?:::)?(?:/[0-9]{1,3})?",
    r"[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6}::(?:[0-9a-f]{1,4})?(?:/[0-9]{1,3})?",
];

/// IP address.
pub(super) const IP_ADDRESS: Entity = Entity {
    name: "ip-address",
    trigger: Trigger::Pattern(PATTERNS),
    examine: ip_address,
    mask: Mask { head: 3, tail: 0 },
    about: "IPv4 or IPv6, as machines read it; not loopback, broadcast, netmasks or the like. Four small numbers are rather a version. A personal datum in many laws, and in nearly every log. \
        Mistaken for it: version numbers, section numbers. Reference: RFC 4291, RFC 6943.",
};

/// IP address of an internal network.
pub(super) const INTERNAL_IP: Entity = Entity {
    name: "internal-ip",
    trigger: Trigger::Pattern(PATTERNS),
    examine: |site| {
        let reading = ip_address(site)?;
        let address = reading.canonical.split('/').next()?.parse::<Ipv4Addr>().ok()?;
        // More than a single address is worth, so that a plan is one finding.
        address.is_private().then_some(Reading { bits: 1.7, ..reading })
    },
    mask: Mask { head: 3, tail: 0 },
    about: "An IPv4 address of 10/8, 172.16/12 or 192.168/16. One says nothing; many are the plan of a network. Mistaken for it: version numbers. Reference: RFC 1918.",
};

fn ip_address(site: &Site<'_>) -> Option<Reading> {
    let (value, prefix) = match site.value.split_once('/') {
        Some((value, prefix)) => (value, prefix.parse::<u8>().ok()?),
        None => (site.value, 0),
    };
    let address: IpAddr = value.parse().ok()?;
    let bits = match address {
        IpAddr::V4(address) => {
            let octets = address.octets();
            let is_nobody = octets[0] == 0
                || octets[0] >= 224
                || octets[0] == 127
                || octets[3] == 255 && octets[2] == 255;
            if is_nobody || prefix > 32 {
                return None;
            }
            // 4.8.0.1 and 1.100.2.11 are versions until something says otherwise.
            let small = octets.iter().filter(|octet| **octet < 30).count();
            let is_version = small == 4 || (octets[0] < 10 && small >= 3) || octets[..3] == [1, 0, 0];
            if is_version { 0.2 } else { 1.6 }
        }
        IpAddr::V6(address) => {
            let groups = value.split(':').filter(|group| !group.is_empty());
            let is_long = groups.clone().count() >= 3 || groups.clone().any(|group| group.len() >= 3);
            if address.is_loopback() || address.is_unspecified() || !is_long || prefix > 128 {
                return None;
            }
            if groups.count() >= 4 { 2.5 } else { 1.6 }
        }
    };
    let canonical = if prefix > 0 { format!("{address}/{prefix}") } else { address.to_string() };
    Some(Reading { canonical, bits, span: site.span })
}

/// MAC address.
pub(super) const MAC: Entity = Entity {
    name: "mac-address",
    trigger: Trigger::Pattern(&[
        r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}",
        r"[0-9a-f]{2}(?:-[0-9a-f]{2}){5}",
        r"[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}",
    ]),
    examine: |site| {
        let canonical: String = site.value.chars().filter(char::is_ascii_hexdigit).collect();
        let bits = if site.value.contains('.') { 0.5 } else { 2.0 };
        // All digits in dots are an account or a part, and six pairs of them a date and a time.
        let is_number = canonical.bytes().all(|byte| byte.is_ascii_digit());
        let is_plain = canonical.bytes().all(|byte| byte == canonical.as_bytes()[0]);
        (!is_plain && !is_number).then_some(Reading { canonical, bits, span: site.span })
    },
    mask: Mask { head: 6, tail: 0 },
    about: "Six bytes in hexadecimal, with colons, hyphens or dots. Names a piece of hardware. Mistaken for it: fingerprints of keys, of which only whole runs of six are read. Reference: IEEE \
        802.",
};
