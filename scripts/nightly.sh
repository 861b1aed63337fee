#!/bin/sh
# Makes sure that the nightly toolchain with a component is there, and prints its name:
# nightly.sh COMPONENT. ThreadSanitizer and Miri exist for nightly toolchains only. The date is that of
# the one with which all is known to pass.
set -eu
toolchain=nightly-2026-05-20
component=$1

fail() {
  echo "nightly: $*" >&2
  exit 1
}

# Where rustup puts itself, in case the shell does not know yet.
export PATH="$PATH:$HOME/.cargo/bin"
command -v rustup > /dev/null || fail "rustup is needed to install Rust $toolchain; see https://rustup.rs"
if ! rustup run "$toolchain" rustc --version > /dev/null 2>&1; then
  echo "nightly: installing $toolchain" >&2
  rustup toolchain install "$toolchain" --profile minimal >&2 \
    || fail "rustup could not install $toolchain: is there a network, and does its mirror keep that day?"
fi
if ! rustup component list --installed --toolchain "$toolchain" | grep -q "^$component"; then
  echo "nightly: installing $component for $toolchain" >&2
  rustup component add "$component" --toolchain "$toolchain" >&2 \
    || fail "rustup has no $component for $toolchain"
fi
echo "$toolchain"
