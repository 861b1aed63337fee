#!/bin/sh
# Interprets the tests of the C boundary (src/ffi) with Miri, under both models of what Rust's
# references allow. Finds reads outside of what a C program gave, uses after a free, leaks, aliases,
# uninitialized memory and races.
set -eu
cd "$(dirname "$0")/.."
scripts/setup.sh build
toolchain=$(scripts/nightly.sh miri rust-src)

# The tests look at the clock, at files and at the environment of the process.
flags='-Zmiri-disable-isolation -Zmiri-strict-provenance'
for model in '' -Zmiri-tree-borrows; do
  echo "check-miri: ${model:-stacked borrows}"
  MIRIFLAGS="$flags $model" rustup run "$toolchain" cargo miri test --locked --lib ffi::
done
