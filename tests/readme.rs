//! The output that README shows is the output of the program.

use std::process::Command;

#[test]
fn shown_output_is_real() {
    let readme = include_str!("../README.md");
    let mut shown = 0;
    for block in readme.split("```console\n").skip(1) {
        let block = block.split("\n```").next().expect("the block is closed");
        let (command, expected) = block.split_once('\n').expect("a command and its output");
        let arguments = command.strip_prefix("$ presend ").expect("a command of presend");
        let output = Command::new(env!("CARGO_BIN_EXE_presend"))
            .args(arguments.split(' '))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env_remove("PRESEND_POLICY")
            .env("COLUMNS", "100")
            .output()
            .expect("presend runs");
        let got = String::from_utf8(output.stdout).expect("UTF-8");
        assert_eq!(got.trim_end(), expected.trim_end(), "{command}");
        shown += 1;
    }
    assert!(shown > 0, "README shows no output");
}
