//! Files made to cost more than they weigh, or to be misread: an entry in `not_inspected`, little memory, no panic.

use std::{
    fs,
    process::{Command, Stdio},
    time::Duration,
};

use presend::{
    Filter,
    message::{Limits, Unread},
    policy::Policy,
    verdict::{Detail, Envelope},
};

use crate::{
    build::{self, ID, Mail, csv_gbk, eml, gz, sevenz, tar, xz, zip},
    check, found, id_at, reasons,
};

const MEGA: usize = 1 << 20;

fn is_over(mail: &Mail) -> bool {
    reasons(&check(mail)).iter().any(|(_, reason)| *reason == Unread::OverLimit)
}

/// A zip whose directory lists the same content under many names.
fn overlapping(size: usize, names: usize) -> Vec<u8> {
    let one = zip(&[("kernel.bin", &vec![0; size])]);
    let directory = one.windows(4).position(|four| four == b"PK\x01\x02").expect("a directory");
    let end = one.windows(4).position(|four| four == b"PK\x05\x06").expect("an end");
    let mut out = one[..directory].to_vec();
    for number in 0..names {
        let mut entry = one[directory..end].to_vec();
        entry[46..56].copy_from_slice(format!("{number:010}").as_bytes());
        out.extend(entry);
    }
    let size = out.len() - directory;
    let mut tail = one[end..].to_vec();
    tail[8..10].copy_from_slice(&(names as u16).to_le_bytes());
    tail[10..12].copy_from_slice(&(names as u16).to_le_bytes());
    tail[12..16].copy_from_slice(&(size as u32).to_le_bytes());
    out.extend(tail);
    out
}

/// A tar with one sparse member that claims 4 GB and holds nothing.
fn sparse() -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_path("huge.bin").expect("a name");
    header.set_entry_type(tar::EntryType::GNUSparse);
    header.set_size(0);
    let real: u64 = 4 << 30;
    let gnu = header.as_gnu_mut().expect("just made so");
    let octal = |number: u64| format!("{number:011o}\0").into_bytes();
    gnu.sparse[0].offset.copy_from_slice(&octal(real));
    gnu.sparse[0].numbytes.copy_from_slice(&octal(0));
    gnu.realsize.copy_from_slice(&octal(real));
    header.set_cksum();
    [header.as_bytes().as_slice(), &[0; 1024]].concat()
}

/// The first bytes of a compressed file that asks for a dictionary of 1.5 GB.
fn greedy_xz() -> Vec<u8> {
    let mut bytes = xz(&vec![0; 1000]);
    // Block header: size, flags, filter 0x21, one byte of properties; 39 stands for 3 GB. The checksum is mended.
    let at = bytes[12..].iter().position(|byte| *byte == 0x21).expect("a filter") + 12;
    bytes[at + 2] = 39;
    let end = 12 + (usize::from(bytes[12]) + 1) * 4 - 4;
    let sum = crc32(&bytes[12..end]);
    bytes[end..end + 4].copy_from_slice(&sum.to_le_bytes());
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |sum, byte| {
        (0..8).fold(
            sum ^ u32::from(*byte),
            |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 },
        )
    })
}

/// Everything that costs more than it weighs, by name.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let zeros = vec![0u8; 40 * MEGA];
    // 16 files of 16 files of ... 2 MB, five deep: two terabytes.
    let nested = (0..5).fold(zip(&[("a.bin", &vec![0; 2 * MEGA])]), |inner, _| {
        let names: Vec<String> = (0..16).map(|number| format!("{number}.zip")).collect();
        zip(&names.iter().map(|name| (name.as_str(), inner.as_slice())).collect::<Vec<_>>())
    });
    let deep = (0..40).fold(b"core".to_vec(), |inner, _| zip(&[("deeper.zip", &inner)]));
    let names: Vec<String> = (0..12_000).map(|number| format!("{number}.txt")).collect();
    let many = zip(&names.iter().map(|name| (name.as_str(), b"x".as_slice())).collect::<Vec<_>>());
    vec![
        ("zeros.zip", zip(&[("zeros.txt", &zeros)])),
        ("zeros.gz", gz("zeros.log", &zeros)),
        ("zeros.xz", xz(&zeros)),
        ("zeros.7z", sevenz(&[("zeros.bin", &zeros)])),
        ("twice.gz.gz", gz("twice.gz", &gz("twice", &zeros))),
        ("nested.zip", nested),
        ("deep.zip", deep),
        ("many.zip", many),
        ("overlapping.zip", overlapping(8 * MEGA, 2_000)),
        ("sparse.tar", sparse()),
        ("greedy.xz", greedy_xz()),
    ]
}

#[test]
fn bombs_are_over_the_limits_and_what_stands_beside_them_is_read() {
    let text = format!("身份证号：{ID}");
    for (name, bytes) in bombs() {
        assert!(bytes.len() < 4 * MEGA, "{name} is itself large: {}", bytes.len());
        let mail = Mail::new("see attached").with("before.txt", text.as_bytes()).with(name, &bytes);
        let verdict = check(&mail);
        let over = reasons(&verdict).into_iter().filter(|(_, reason)| *reason == Unread::OverLimit);
        assert!(over.count() > 0, "{name}: {:?}", reasons(&verdict).iter().take(3).collect::<Vec<_>>());
        assert_eq!(id_at(&verdict), ["before.txt > line 1"], "{name}");
    }
}

/// The whole program within an address space that any bomb would burst.
#[test]
fn bombs_need_little_memory() {
    let folder = std::env::temp_dir().join(format!("presend-bombs-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    for (name, bytes) in bombs() {
        let path = folder.join("m.eml");
        fs::write(&path, Mail::new("see attached").with(name, &bytes).raw()).expect("a file");
        let command = format!(
            "ulimit -v 1000000; exec '{}' check --format json '{}'",
            env!("CARGO_BIN_EXE_presend"),
            path.display()
        );
        let output = Command::new("sh").args(["-c", &command]).stderr(Stdio::piped()).output().expect("sh");
        assert_eq!(output.status.code(), Some(1), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
    fs::remove_dir_all(&folder).expect("it is there");
}

#[test]
fn entities_are_not_expanded() {
    let mut xml = "<?xml version=\"1.0\"?>\n<!DOCTYPE l [<!ENTITY a \"身份证\">\n".to_owned();
    for (one, other) in ('a'..'k').zip('b'..='k') {
        xml.push_str(&format!("<!ENTITY {other} \"{}\">\n", format!("&{one};").repeat(10)));
    }
    xml.push_str("]>\n<l>&k;</l>\n");
    let verdict =
        check(&Mail::new("see attached").with("bomb.xml", xml.as_bytes()).with("bomb.svg", xml.as_bytes()));
    assert!(verdict.not_inspected.is_empty());
}

#[test]
fn time_is_bounded_where_there_is_a_clock() {
    fn later() -> Duration {
        use std::sync::atomic::{AtomicU64, Ordering};
        static MILLISECONDS: AtomicU64 = AtomicU64::new(0);
        Duration::from_millis(MILLISECONDS.fetch_add(10, Ordering::Relaxed))
    }
    let filter = Filter::new(Policy::shipped(), Detail::Places).expect("the shipped policy compiles");
    let limits = Limits { clock: Some(later), time: Duration::from_millis(100), ..*filter.limits() };
    let filter = filter.with_limits(limits);
    let names: Vec<String> = (0..50).map(|number| format!("{number}.txt")).collect();
    let many = zip(&names.iter().map(|name| (name.as_str(), b"some text".as_slice())).collect::<Vec<_>>());
    let verdict = filter.check(&Mail::new("see attached").with("a.zip", &many).raw(), &Envelope::default());
    assert!(reasons(&verdict).iter().any(|(_, reason)| *reason == Unread::OverLimit));
    assert!(verdict.attachments.len() < 50);
}

#[test]
fn both_views_of_a_zip_are_read() {
    let text = format!("身份证号：{ID}");
    let shown = zip(&[("shown.txt", b"nothing to see")]);
    let hidden = zip(&[("hidden.txt", text.as_bytes())]);
    let local = &hidden[..hidden.windows(4).position(|four| four == b"PK\x01\x02").expect("a directory")];
    for bytes in [[local, &shown].concat(), [shown.as_slice(), local].concat()] {
        let verdict = check(&Mail::new("see attached").with("a.zip", &bytes));
        assert_eq!(id_at(&verdict), ["a.zip > hidden.txt > line 1"]);
        assert_eq!(found(&verdict, "structure.hidden-member").len(), 1);
    }
    // A directory that is cut off: what the members say of themselves is left.
    let verdict = check(&Mail::new("see attached").with("a.zip", local));
    assert_eq!(id_at(&verdict), ["a.zip > hidden.txt > line 1"]);
    // A zip that is stored in a zip is no second view.
    let nested = {
        use std::io::Write;
        let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let stored =
            zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        out.start_file("in.zip", stored).expect("a name");
        out.write_all(&hidden).expect("memory");
        out.finish().expect("a zip").into_inner()
    };
    let verdict = check(&Mail::new("see attached").with("a.zip", &nested));
    assert_eq!(id_at(&verdict), ["a.zip > in.zip > hidden.txt > line 1"]);
    assert!(found(&verdict, "structure.hidden-member").is_empty());
}

/// Files of every container, whole.
fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let csv = csv_gbk();
    let inner = eml("see below", "list.csv", &csv);
    let members: &[(&str, &[u8])] = &[("list.csv", &csv), ("mail.eml", &inner)];
    vec![
        ("a.zip", zip(members)),
        ("b.zip", build::zip_locked(members, "Kestrel@9", true)),
        ("a.tar", tar(members)),
        ("a.tgz", gz("", &tar(members))),
        ("a.xz", xz(&csv)),
        ("a.7z", sevenz(members)),
        ("b.7z", build::sevenz_locked(members, "Kestrel@9")),
        ("a.eml", inner.clone()),
        ("a.csv", csv.clone()),
    ]
}

/// Cut and changed files end in a verdict; none is taken for complete that lost its end.
#[test]
fn broken_files_come_to_a_verdict() {
    let mut seed = 0x2545_f491_4f6c_dd1du64;
    let mut random = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    };
    let mut runs = 0;
    for (name, bytes) in samples() {
        for _ in 0..12 {
            let end = random(bytes.len());
            let verdict = check(&Mail::new("password: Kestrel@9").with(name, &bytes[..end]));
            let is_packed = !name.ends_with(".eml") && !name.ends_with(".csv") && name != "a.tar";
            if is_packed && end > 40 {
                assert!(!verdict.is_complete(), "{name} cut at {end} of {}", bytes.len());
            }
            let mut changed = bytes.clone();
            for _ in 0..=random(8) {
                let at = random(changed.len());
                changed[at] = random(256) as u8;
            }
            check(&Mail::new("password: Kestrel@9").with(name, &changed));
            runs += 2;
        }
    }
    assert!(runs > 200, "{runs}");
}

#[test]
fn many_files_written_as_letters_are_bounded() {
    let block = build::base64(&zip(&[("a.txt", &vec![0; 4 * MEGA])]));
    let body = format!("{block}\n\n").repeat(300);
    assert!(is_over(&Mail::new("x").with("blocks.txt", body.as_bytes())) || body.len() < MEGA);
}
