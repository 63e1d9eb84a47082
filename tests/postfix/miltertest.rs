//! Sessions of Debian's miltertest, in Lua: `tests/postfix/miltertest/`.

use std::{fs, path::Path, process::Command};

use crate::daemon::Daemon;

#[test]
fn sessions_of_miltertest_pass() {
    if !Path::new("/usr/bin/miltertest").exists() {
        assert!(std::env::var_os("CI").is_none(), "miltertest is not installed (apt-get install miltertest)");
        eprintln!("skipped: miltertest is not installed (apt-get install miltertest)");
        return;
    }
    let daemon = Daemon::start(
        "[[keywords]]\nterms = [\"Falcon\"]\ncategory = \"confidential\"\naction = \"reject\"\n",
    );
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/postfix/miltertest");
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("the sessions").flatten() {
        let output = Command::new("miltertest")
            .arg("-D")
            .arg(format!("sock=inet:{}@127.0.0.1", daemon.port()))
            .arg("-s")
            .arg(entry.path())
            .output()
            .expect("miltertest runs");
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("PASS"), "{}: {said}", entry.path().display());
        count += 1;
    }
    assert!(count >= 4, "only {count} sessions");
}
