#!/usr/bin/env bash
# fuzz/run.sh [TARGET] [SECONDS] [libFuzzer options]: builds a fuzz target on stable Rust and runs it; `pipeline` for 60 seconds if nothing is said.
# fuzz/run.sh [TARGET] FILE...: runs these inputs once.
#
# The messages of corpus/, or the files of fuzz/seeds/TARGET, are the seeds, copied to a scratch folder under target that keeps what the fuzzer learns. An input that
# breaks the pipeline is left in its artifacts/ and the exit code is not 0.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

name=pipeline
if [[ -f $here/fuzz_targets/${1:-}.rs ]]; then
  name=$1
  shift
fi

# libFuzzer's instrumentation without nightly: LLVM's own pass. --target keeps build scripts and macros free of it.
host=$(rustc -vV | sed -n 's/^host: //p')
flags=(
  -Cpasses=sancov-module
  -Cllvm-args=-sanitizer-coverage-level=4
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
  -Cllvm-args=-sanitizer-coverage-pc-table
  -Cllvm-args=-sanitizer-coverage-trace-compares
  -Ccodegen-units=1
)
# Its own folder: the flags would throw away every other build in a shared one.
if [[ -n ${CARGO_TARGET_DIR:-} ]]; then target=$CARGO_TARGET_DIR/fuzz; else target=$here/target; fi
RUSTFLAGS="${flags[*]}" CARGO_TARGET_DIR=$target \
  cargo build --quiet --release --target "$host" --manifest-path "$here/Cargo.toml"

options=(-max_len=65536 -timeout=10 -rss_limit_mb=2048 -verbosity=0)
if [[ -f ${1:-} ]]; then
  exec "$target/$host/release/$name" "${options[@]}" "$@"
fi

seconds=${1:-60}
shift || true
scratch=$target/$name
mkdir -p "$scratch/corpus" "$scratch/artifacts"
if [[ $name == pipeline ]]; then
  find "$here/../corpus" -name '*.eml' | while read -r seed; do
    cp "$seed" "$scratch/corpus/seed-$(basename "$(dirname "$seed")")-$(basename "$seed")"
  done
else
  cp "$here/seeds/$name"/* "$scratch/corpus/"
fi
exec "$target/$host/release/$name" "${options[@]}" -max_total_time="$seconds" -print_final_stats=1 \
  -dict="$here/pipeline.dict" -artifact_prefix="$scratch/artifacts/" "$@" "$scratch/corpus"
