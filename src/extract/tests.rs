//! What tests of readers share: a reader alone, and a file as an attachment of nothing.

use super::{
    attached::{Carried, Work},
    reading::Reading,
    *,
};
use crate::message::Unread;

/// Members with their content.
pub(super) type Members = Vec<(String, Vec<u8>)>;

/// Lets a reader read a file by itself: members, kept as they are, and how it ended.
pub(super) fn alone(
    read: fn(&[u8], &mut Reading<'_>) -> Result<(), Unread>,
    name: &str,
    bytes: &[u8],
) -> (Members, Result<(), Unread>) {
    let mut work = Work::new(&Limits::default(), Arc::default());
    work.kept = Some(Vec::new());
    let file = work.file(&Carried { name, ..Carried::default() }, bytes);
    let result = read(bytes, &mut Reading::new(&mut work, file));
    (work.kept.unwrap_or_default(), result)
}

/// Every segment of a file as `place/place|text`.
pub(super) fn segments(name: &str, bytes: &[u8]) -> Vec<String> {
    let mut work = Work::new(&Limits::default(), Arc::default());
    work.open(&Carried { name, ..Carried::default() }, bytes);
    let shown = |segment: &Segment<'_>| format!("{}|{}", segment.place.join("/"), segment.text.trim_end());
    work.segments.iter().map(shown).collect()
}

#[test]
fn sizes_read_well() {
    for (bytes, want) in [(812, "812 B"), (12_345, "12 kB"), (3_400_000, "3.4 MB")] {
        assert_eq!(human_size(bytes), want);
    }
}

#[test]
fn files_within_files_are_read_with_their_places() {
    let csv = encoding_rs::GBK.encode("姓名,身份证号\n张三,110101199003071233\n").0.into_owned();
    let gz = {
        use std::io::Write;
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        out.write_all(&csv).expect("memory");
        out.finish().expect("memory")
    };
    let all = segments("名单.csv.gz", &gz);
    assert!(
        all.contains(&"名单.csv.gz/名单.csv|姓名,身份证号\n张三,110101199003071233".to_owned()),
        "{all:?}"
    );
}
