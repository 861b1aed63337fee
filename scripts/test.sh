#!/bin/sh
# All that a change has to pass. A failed stage does not hide the result of the next ones.
set -eu
cd "$(dirname "$0")/.."

passed=0
failed=0
failures=''
stage() {
  if scripts/stage.sh "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    failures="$failures $1"
  fi
}

# Without the tools all else would fail.
scripts/stage.sh setup scripts/setup.sh test
passed=1
stage format scripts/check-format.sh
stage lint cargo clippy --workspace --all-targets --locked -- -D warnings
stage fuzz scripts/fuzz.sh --check
stage options scripts/check-build-options.sh
stage tests cargo test --workspace --locked
stage package scripts/check-package.sh

if [ "$failed" -ne 0 ]; then
  echo "failed stages:$failures"
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
