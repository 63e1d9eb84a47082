//! Prints the texts of a message with their zones.
fn main() {
    for path in std::env::args().skip(1) {
        let raw = std::fs::read(&path).unwrap();
        let message = presend::message::Message::parse(&raw, &Default::default());
        println!("== {path} defects {:?}", message.defects);
        let wording = presend::zone::Wording::embedded();
        let ex = presend::extract::all(&message, &wording.markup());
        for t in presend::normalize::all(wording.mark(ex.segments)) {
            println!(
                "-- {:?} part {} buffer {:?}",
                t.zoned.segment.kind, t.zoned.segment.part, t.zoned.segment.buffer
            );
            let mut at = 0;
            for line in t.folded.split_inclusive('\n') {
                println!("{:10} {}", t.zone_at(at).as_str(), line.trim_end());
                at += line.len();
            }
        }
    }
}
