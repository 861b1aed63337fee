#!/bin/sh
# Fuzzes each target for a number of seconds, and prints a table of what was run.
#   fuzz.sh SECONDS [TARGET...]
#   fuzz.sh --check   only compiles the targets
# What a target finds stays in fuzz/corpus, and an input that breaks something in fuzz/artifacts.
set -eu
cd "$(dirname "$0")/.."

# The versions of the library's own build.
cp Cargo.lock fuzz/Cargo.lock
if [ "$1" = --check ]; then
  exec cargo check --quiet --manifest-path fuzz/Cargo.toml --target-dir target
fi
seconds=$1
shift
[ $# -gt 0 ] || set -- $(ls fuzz/seeds)

# The instrumentation is not stable yet; this lets the stable compiler do it.
export RUSTC_BOOTSTRAP=1
cargo fuzz --version > /dev/null 2>&1 || cargo install --locked cargo-fuzz
cargo fuzz build
programs=fuzz/target/$(rustc -vV | sed -n 's/^host: //p')/release

failed=0
printf '| Target | Runs | Runs/s | Edges reached | Outcome |\n| --- | --: | --: | --: | --- |\n'
for target in "$@"; do
  mkdir -p "fuzz/corpus/$target" "fuzz/artifacts/$target"
  log=fuzz/artifacts/$target/log
  outcome=clean
  "$programs/$target" "fuzz/corpus/$target" "fuzz/seeds/$target" "-max_total_time=$seconds" \
    -timeout=20 -rss_limit_mb=1024 "-artifact_prefix=fuzz/artifacts/$target/" \
    -print_final_stats=1 2> "$log" > /dev/null || { outcome="failed, see $log"; failed=1; }
  figure() {
    sed -n "s/^stat::$1: *//p" "$log"
  }
  edges=$(grep -o 'cov: [0-9]*' "$log" | tail -n 1 | cut -d ' ' -f 2)
  echo "| $target | $(figure number_of_executed_units) | $(figure average_exec_per_sec) | $edges | $outcome |"
done
exit "$failed"
