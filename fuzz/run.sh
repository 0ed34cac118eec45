#!/bin/sh
# A target by libFuzzer on a stable toolchain: fuzz/run.sh TARGET SECONDS
set -eu
cd "$(dirname "$0")"
export RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=3 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table -Ccodegen-units=16"
# With a target triple the flags stay away from build scripts.
triple=$(rustc -vV | sed -n 's/^host: //p')
nice cargo build --release --target "$triple" --bin "$1"
mkdir -p "target/corpus/$1" "target/found/$1"
exec nice "target/$triple/release/$1" "target/corpus/$1" "seeds/$1" -artifact_prefix="target/found/$1/" \
    -dict=csharp.dict -max_len=4096 -rss_limit_mb=2048 -timeout=20 -max_total_time="${2:-900}"
