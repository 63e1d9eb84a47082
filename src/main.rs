//! Parse arguments, run a command, exit code; nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    presend::cmd::main()
}
