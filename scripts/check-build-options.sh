#!/bin/sh
# Tests what options of CMake and the environment become for cargo. Cargo and rustc are replaced by programs that
# only write down how they were called, so nothing is compiled.
set -eu
cd "$(dirname "$0")/.."
mkdir -p "${CARGO_TARGET_DIR:-target}"
target=$(cd "${CARGO_TARGET_DIR:-target}" && pwd)
work=$target/package/options
rustc=$(command -v rustc)
host=$(rustc --print host-tuple)
unset RUSTC RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_TARGET CARGO_UNSTABLE_BUILD_STD

fail() {
  echo "check-build-options: $*" >&2
  exit 1
}

# A toolchain whose rustc compiles nothing: it knows itself, and what libraries it would need.
make_toolchain() {
  cat > "$1/rustc" << SCRIPT
#!/bin/sh
echo "\$*" >> '$work/rustc-called'
case "\$*" in
  *host-tuple*) exec '$rustc' "\$@" ;;
  *) [ ! -e '$work/no-std' ] && echo 'note: native-static-libs: -lgcc_s -lasked' >&2 ;;
esac
SCRIPT
  cat > "$1/cargo" << SCRIPT
#!/bin/sh
{ echo "\$@"; env; } > '$work/cargo-called'
echo 'note: native-static-libs: -lgcc_s -lbuilt' >&2
SCRIPT
  chmod +x "$1/rustc" "$1/cargo"
}

# configure OPTION…, with what the environment says
configure() {
  rm -rf "$work/build" "$work/rustc-called" "$work/cargo-called"
  cmake -S . -B "$work/build" -DOSSBIND_BUILD_COMMAND=OFF "$@" > "$work/log" 2>&1
}

# with NAME=VALUE COMMAND…, where the command may be a function
with() {
  (
    export "${1?}"
    shift
    "$@"
  )
}

# The build ends early, for such a cargo makes nothing.
build() {
  configure "$@" || fail "cannot be configured with $*: $(cat "$work/log")"
  if cmake --build "$work/build" --target ossbind_cargo > "$work/log" 2>&1; then
    fail 'it builds without a library'
  fi
  [ -s "$work/cargo-called" ] || fail "cargo was not called: $(cat "$work/log")"
}

expect() {
  file=$1
  shift
  for part in "$@"; do
    grep -qF -e "$part" "$work/$file" || fail "no '$part' in $file: $(cat "$work/$file")"
  done
}

check_toolchain() {
  # The rustc beside cargo, and not the first in the PATH.
  with "PATH=$work/other:$PATH" build -DOSSBIND_CARGO="$work/bin/cargo"
  expect cargo-called "RUSTC=$work/bin/rustc" "--target $host" '--profile release'
  # A wrong list of libraries ends the build, and names the right one.
  expect log '"-DOSSBIND_NATIVE_STATIC_LIBS=-lgcc_s -lbuilt"'
  expect build/CMakeCache.txt 'OSSBIND_NATIVE_STATIC_LIBS:STRING=-lgcc_s -lasked'
  with "RUSTC=$work/other/rustc" build
  expect cargo-called "RUSTC=$work/other/rustc"
  # The first cargo in the PATH.
  build
  expect build/CMakeCache.txt "OSSBIND_CARGO:FILEPATH=$work/bin/cargo"
}

check_target() {
  with CARGO_BUILD_TARGET=riscv64gc-unknown-linux-gnu build
  expect cargo-called '--target riscv64gc-unknown-linux-gnu'
  build -DOSSBIND_CARGO_TARGET=x86_64-unknown-linux-musl
  expect cargo-called '--target x86_64-unknown-linux-musl' '-C target-feature=-crt-static'
  expect rustc-called '--target x86_64-unknown-linux-musl -C target-feature=-crt-static'
  if configure -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=mips; then
    fail 'it builds for mips without a Rust target'
  fi
  expect log 'OSSBIND_CARGO_TARGET'
}

# A standard library that cargo is to build cannot be asked before.
check_build_std() {
  touch "$work/no-std"
  if configure -DOSSBIND_CARGO_TARGET=armv7-unknown-linux-gnueabihf; then
    fail 'it builds without a standard library'
  fi
  expect log 'rustup target add armv7-unknown-linux-gnueabihf'
  set -- armv7-unknown-linux-gnueabihf '-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc' \
    armv7-unknown-linux-musleabihf '-lgcc_s -lc'
  while [ $# -gt 0 ]; do
    build -DOSSBIND_CARGO_FLAGS=-Zbuild-std -DOSSBIND_CARGO_TARGET="$1"
    expect cargo-called -Zbuild-std
    expect build/CMakeCache.txt "OSSBIND_NATIVE_STATIC_LIBS:STRING=$2"
    shift 2
  done
  rm "$work/no-std"
}

# Cargo takes one kind of flags for rustc, so those that keep paths out join the user's.
check_rustflags() {
  separator=$(printf '\037')
  build
  expect cargo-called "--config build.rustflags=['--remap-path-prefix=$PWD=/ossbind','"
  with 'RUSTFLAGS=-C  target-cpu=native' build
  expect cargo-called \
    "CARGO_ENCODED_RUSTFLAGS=-C${separator}target-cpu=native${separator}--remap-path-prefix=$PWD="
  with 'CARGO_ENCODED_RUSTFLAGS=--cfg=a b' build
  expect cargo-called "CARGO_ENCODED_RUSTFLAGS=--cfg=a b${separator}--remap-path-prefix=$PWD="
  name=CARGO_TARGET_$(echo "$host" | tr 'a-z-' 'A-Z_')_RUSTFLAGS
  with "$name=--cfg=a" build
  expect cargo-called "--config target.$host.rustflags=['--remap-path-prefix=$PWD=/ossbind','"
}

check_build_types() {
  build -DCMAKE_BUILD_TYPE=Debug
  expect cargo-called '--profile dev'
  build -DCMAKE_BUILD_TYPE=RelWithDebInfo
  expect cargo-called '--profile release' '--config profile.release.debug="limited"'
  build -DCMAKE_BUILD_TYPE=Debug -DOSSBIND_CARGO_PROFILE=small
  expect cargo-called '--profile small'
}

rm -rf "$work"
mkdir -p "$work/bin" "$work/other"
make_toolchain "$work/bin"
make_toolchain "$work/other"
PATH=$work/bin:$PATH
check_toolchain
check_target
check_build_std
check_rustflags
check_build_types
echo 'options of CMake: toolchain, target, standard library, flags, build types'
