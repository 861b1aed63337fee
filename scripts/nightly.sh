#!/bin/sh
# Makes sure that the nightly toolchain with its components is there, and prints its name:
# nightly.sh COMPONENT… ThreadSanitizer and Miri exist for nightly toolchains only. The date is that of
# the one with which all is known to pass.
set -eu
toolchain=nightly-2026-05-20

fail() {
  echo "nightly: $*" >&2
  exit 1
}

# Only the name may go to standard output.
run() {
  echo "nightly: $*" >&2
  "$@" >&2
}

command -v rustup > /dev/null || fail "rustup is needed to install Rust $toolchain; see https://rustup.rs"
if ! rustup run "$toolchain" rustc --version > /dev/null 2>&1; then
  run rustup toolchain install "$toolchain" --profile minimal \
    || fail "rustup could not install $toolchain: is there a network, and does its server keep that day?"
fi
for component in "$@"; do
  if ! rustup component list --installed --toolchain "$toolchain" | grep -q "^$component"; then
    run rustup component add "$component" --toolchain "$toolchain" \
      || fail "rustup could not install $component for $toolchain: is there a network?"
  fi
done
echo "$toolchain"
