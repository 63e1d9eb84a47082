//! Local profile.
use presend::{
    Filter,
    policy::Policy,
    verdict::{Detail, Envelope},
};
fn main() {
    let filter = Filter::new(Policy::shipped(), Detail::Places).expect("shipped");
    for path in std::env::args().skip(1) {
        let raw = std::fs::read(&path).expect("file");
        let verdict = filter.check(&raw, &Envelope::default());
        assert!(verdict.probability >= 0.0);
    }
}
