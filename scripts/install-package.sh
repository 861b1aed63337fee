#!/bin/sh
# Builds the release and installs it to a new prefix: install-package.sh PREFIX
set -eu
cd "$(dirname "$0")/.."
prefix=$1

mkdir -p "${CARGO_TARGET_DIR:-target}"
target=$(cd "${CARGO_TARGET_DIR:-target}" && pwd)

# What takes long is kept by cargo.
rm -rf "$target/package/build" "$prefix"
cmake -S . -B "$target/package/build" -DOSSBIND_CARGO_TARGET_DIR="$target" \
  -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_MESSAGE=NEVER
cmake --build "$target/package/build"
# Installing must not build; with this compiler it could not.
RUSTC=false cmake --install "$target/package/build" --prefix "$prefix"
