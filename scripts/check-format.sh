#!/bin/sh
# Fails when Rust, C or C++ is not formatted; with --fix formats it.
set -eu
cd "$(dirname "$0")/.."

# Without include/ossbind.h, which is generated.
native_files() {
  find include/ossbind.hpp include/ossbind_receiving.hpp c_examples cpp_examples tools tests benches emulator \
    \( -name '*.c' -o -name '*.cpp' -o -name '*.h' -o -name '*.hpp' \) -type f
}

if [ "${1:-}" = --fix ]; then
  cargo fmt --all
  native_files | xargs clang-format -i
else
  cargo fmt --all --check
  native_files | xargs clang-format --dry-run -Werror
fi
