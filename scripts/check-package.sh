#!/bin/sh
# Tests what users get, from outside: installs the package, moves it, and builds programs with it
# through CMake, pkg-config and plain flags.
set -eu
cd "$(dirname "$0")/.."
mkdir -p "${CARGO_TARGET_DIR:-target}"
target=$(cd "${CARGO_TARGET_DIR:-target}" && pwd)
work=$target/package/check
consumer=$PWD/tests/consumer
# Gateways have little storage, so these are raised deliberately or not at all.
shared_limit=$((3 * 1024 * 1024))
static_limit=$((7 * 1024 * 1024))
# With the pages of all error codes.
command_limit=$((160 * 1024))

fail() {
  echo "check-package: $*" >&2
  exit 1
}

# Shows what a command printed only when it fails.
quietly() {
  "$@" > "$work/log" 2>&1 || {
    cat "$work/log" >&2
    fail "failed: $*"
  }
}

# The dynamic section's entries of one kind: dynamic NEEDED|SONAME FILE
dynamic() {
  readelf -d "$2" | sed -n "s/.*($1).*\[\(.*\)\]/\1/p" | sort | tr '\n' ' '
}

# The libraries have the symbols of the header, and no others: also where dependencies export some.
check_symbols() {
  for symbols in "-D $prefix/lib/libossbind.so" "-g $prefix/lib/libossbind.a"; do
    # shellcheck disable=SC2086 # an option and a file
    nm --defined-only $symbols | sed -n 's/.* [A-Z] //p' | LC_ALL=C sort > "$work/symbols"
    diff tests/exports.txt "$work/symbols" > "$work/log" || fail "nm $symbols: $(cat "$work/log")"
  done
  case $(readelf -d "$prefix/lib/libossbind.so") in
    *NOW*NODELETE*) ;;
    *) fail 'the library can be unloaded, or binds late' ;;
  esac
}

# What is installed says nothing of who built it, and where.
check_paths() {
  for path in "$PWD/" "$target/" "${CARGO_HOME:-$HOME/.cargo}/" "$(rustc --print sysroot)/"; do
    for file in libossbind.so libossbind.a; do
      ! grep -qaF "$path" "$prefix/lib/$file" || fail "$file has the path $path"
    done
  done
}

check_size() {
  size=$(stat -c %s "$1")
  echo "$(basename "$1"): $size bytes of at most $2"
  [ "$size" -le "$2" ] || fail "$1 is too large"
}

check_files() {
  version=$(pkg-config --modversion ossbind)
  for file in include/ossbind.h include/ossbind.hpp include/ossbind_receiving.hpp lib/libossbind.a lib/pkgconfig/ossbind.pc \
    lib/cmake/ossbind/ossbind-config.cmake lib/cmake/ossbind/ossbind-config-version.cmake \
    share/licenses/ossbind/LICENSE-MIT share/licenses/ossbind/LICENSE-APACHE \
    share/ossbind/ossbind-outbox.service; do
    [ -f "$prefix/$file" ] || fail "$file is not installed"
  done
  soname=$(dynamic SONAME "$prefix/lib/libossbind.so.$version")
  [ "$soname" = 'libossbind.so.0 ' ] || fail "the SONAME is '$soname'"
  for name in libossbind.so libossbind.so.0; do
    [ "$(readlink -f "$prefix/lib/$name")" = "$prefix/lib/libossbind.so.$version" ] \
      || fail "$name does not lead to the library"
  done
  # Nothing but the C library, and the unwinder that contains panics.
  for needed in $(dynamic NEEDED "$prefix/lib/libossbind.so"); do
    case $needed in
      libc.so.* | libgcc_s.so.* | ld-linux*) ;;
      *) fail "the library needs $needed" ;;
    esac
  done
  check_size "$prefix/lib/libossbind.so.$version" "$shared_limit"
  check_size "$prefix/lib/libossbind.a" "$static_limit"
}

# What rustc asks for is in both packages. Newer C libraries have all of it in one, so that linking
# would not show what is missing.
check_system_libraries() {
  wanted=$(sed -n 's/^OSSBIND_NATIVE_STATIC_LIBS:STRING=//p' "$target/package/build/CMakeCache.txt")
  # The compiler knows best which unwinder it is.
  wanted=${wanted#-lgcc_s }
  case " $(pkg-config --static --libs ossbind) " in
    *" ${wanted:?} "*) ;;
    *) fail "pkg-config does not name $wanted" ;;
  esac
  targets=$prefix/lib/cmake/ossbind/ossbind-targets.cmake
  grep -qF -- "$(echo "$wanted" | tr ' ' ';')" "$targets" || fail "CMake does not name $wanted"
}

# The command finds its library in the moved prefix, by itself.
check_command() {
  said=$(env -i "$prefix/bin/ossbind" version) || fail 'the command ossbind does not run'
  case $said in
    "ossbind $(pkg-config --modversion ossbind)"*) ;;
    *) fail "ossbind version says '$said'" ;;
  esac
  ldd "$prefix/bin/ossbind" | grep -qF "$prefix/" || fail 'ossbind uses a library from elsewhere'
  check_size "$prefix/bin/ossbind" "$command_limit"
  echo "command: $said"
}

check_cmake_project() {
  name=$1
  shift
  quietly cmake -S "$consumer/$name" -B "$work/$name" "$@"
  quietly cmake --build "$work/$name"
  quietly ctest --test-dir "$work/$name" --no-tests=error --output-on-failure
  [ "$(dynamic NEEDED "$work/$name/c_static" | grep -c ossbind)" -eq 0 ] \
    || fail "$name: c_static needs the shared library"
  echo "cmake $name: C and C++, shared and static"
}

# A program of two libraries in Rust: each brings all of Rust's own.
check_beside() {
  quietly rustc "$consumer/other_library.rs" --edition 2024 --crate-type staticlib \
    -o "$work/libother.a"
  # shellcheck disable=SC2046 # flags are split on purpose
  quietly cc "$consumer/beside.c" -o "$work/beside" -I"$prefix/include" "$prefix/lib/libossbind.a" \
    "$work/libother.a" $(pkg-config --static --libs-only-l ossbind | sed 's/-lossbind//')
  quietly "$work/beside"
  echo 'beside another library in Rust: C'
}

# Without any shared library, and where only the static one was built.
check_static() {
  quietly cmake -S . -B "$work/static-build" -DBUILD_SHARED_LIBS=OFF -DCMAKE_BUILD_TYPE=Release \
    -DOSSBIND_CARGO_TARGET_DIR="$target"
  quietly cmake --build "$work/static-build"
  quietly cmake --install "$work/static-build" --prefix "$work/static"
  [ ! -e "$work/static/lib/libossbind.so" ] || fail 'BUILD_SHARED_LIBS=OFF installs the shared library'
  for flags in '' -static; do
    quietly cmake -S "$consumer/installed" -B "$work/consumer$flags" \
      -DCMAKE_PREFIX_PATH="$work/static" -DCMAKE_EXE_LINKER_FLAGS="$flags"
    quietly cmake --build "$work/consumer$flags"
    quietly ctest --test-dir "$work/consumer$flags" --no-tests=error --output-on-failure
    quietly env PKG_CONFIG_PATH="$work/static/lib/pkgconfig" sh -c \
      "cc $consumer/consumer.c -o $work/c$flags $flags \$(pkg-config --cflags --libs ossbind)"
    quietly "$work/c$flags"
  done
  [ -z "$(dynamic NEEDED "$work/consumer-static/c_shared")" ] || fail '-static needs shared libraries'
  echo 'static: only the archive, and programs without any shared library'
}

# Where objcopy or strip do not know the target, the build says what the archive lacks.
check_other_tools() {
  for tools in OBJCOPY=false 'OBJCOPY=false -DCMAKE_STRIP=true'; do
    # shellcheck disable=SC2086 # split on purpose
    quietly cmake -S . -B "$work/tools" -DBUILD_SHARED_LIBS=OFF -DOSSBIND_BUILD_COMMAND=OFF \
      -DOSSBIND_CARGO_TARGET_DIR="$target" -DCMAKE_$tools
    rm -f "$work/tools/lib/libossbind.a"
    quietly cmake --build "$work/tools"
    # CMake breaks lines where it likes.
    said=$(tr -s '\n ' ' ' < "$work/log")
    case $said in
      *'keeps the symbols of its dependencies'*) ;;
      *) fail "no word of symbols: $said" ;;
    esac
    size=$(stat -c %s "$work/tools/lib/libossbind.a")
    case "$tools $said" in
      *STRIP*"debug information, and has $size bytes"*) ;;
      *STRIP*) fail "no word of $size bytes: $said" ;;
      *) [ "$size" -le $((2 * static_limit)) ] || fail "the archive has $size bytes" ;;
    esac
  done
  echo 'other tools: the build tells of a larger archive'
}

# Every example is built, and finds its library: without arguments each says what is missing.
check_examples() {
  quietly cmake -S . -B "$work/examples" -DOSSBIND_BUILD_EXAMPLES=ON -DCMAKE_BUILD_TYPE=Release \
    -DOSSBIND_CARGO_TARGET_DIR="$target"
  quietly cmake --build "$work/examples"
  count=0
  for source in c_examples/*.c cpp_examples/*.cpp; do
    status=0
    env -i "$work/examples/${source%.*}" > "$work/log" 2>&1 || status=$?
    [ "$status" -eq 1 ] || fail "$source ends with $status: $(cat "$work/log")"
    count=$((count + 1))
  done
  [ -x "$work/examples/cpp_examples/browser_upload" ] || fail 'browser_upload was not built'
  echo "cmake examples: $((count + 1))"
}

# C and C++ programs with the given flags: check_flags NAME FLAG…
check_flags() {
  name=$1
  shift
  quietly cc "$consumer/consumer.c" -o "$work/$name-c" "$@"
  quietly c++ "$consumer/consumer.cpp" -o "$work/$name-cpp" "$@"
  for program in "$work/$name-c" "$work/$name-cpp"; do
    quietly env LD_LIBRARY_PATH="$prefix/lib" "$program"
  done
  echo "$name: C and C++"
}

rm -rf "$work"
mkdir -p "$work"
scripts/install-package.sh "$work/installed"
mv "$work/installed" "$work/moved"
prefix=$work/moved
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"

check_files
check_symbols
check_paths
check_system_libraries
check_command
check_cmake_project installed -DCMAKE_PREFIX_PATH="$prefix"
# Also covers a named target, another profile and a build without the network.
check_cmake_project fetched -DOSSBIND_CARGO_TARGET="$(rustc --print host-tuple)" \
  -DOSSBIND_CARGO_PROFILE=dev -DOSSBIND_CARGO_FLAGS=--offline \
  -DOSSBIND_CARGO_TARGET_DIR="$target"
check_beside
check_static
check_other_tools
check_examples
# shellcheck disable=SC2046 # flags are split on purpose, here and below
check_flags pkg-config-shared $(pkg-config --cflags --libs ossbind)
check_flags plain-shared -I"$prefix/include" -L"$prefix/lib" -lossbind

# With the shared library gone the linker takes the static one.
rm "$prefix"/lib/libossbind.so*
# shellcheck disable=SC2046
check_flags pkg-config-static $(pkg-config --static --cflags --libs ossbind)
