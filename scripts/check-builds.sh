#!/bin/sh
# Builds the library in ways that take minutes: twice in different folders, which has to give the same bytes, and with
# debug information, which has to be there.
set -eu
cd "$(dirname "$0")/.."
mkdir -p "${CARGO_TARGET_DIR:-target}"
target=$(cd "${CARGO_TARGET_DIR:-target}" && pwd)
work=$target/package/builds
SOURCE_DATE_EPOCH=$(date +%s)
export SOURCE_DATE_EPOCH

fail() {
  echo "check-builds: $*" >&2
  exit 1
}

# A copy of the source, built beside itself: build FOLDER OPTION…
build() {
  folder=$1
  shift
  mkdir -p "$folder/source"
  git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$folder/source"
  # Copies have no checkout, and so no commit.
  cmake -S "$folder/source" -B "$folder/build" -DOSSBIND_BUILD_COMMAND=OFF "$@" > "$work/log"
  cmake --build "$folder/build" >> "$work/log"
}

check_same_bytes() {
  # The crates lie elsewhere as well.
  build "$work/one" -DCMAKE_BUILD_TYPE=Release
  cargo_home=${CARGO_HOME:-$HOME/.cargo}
  mkdir -p "$work/a home"
  cp -a "$cargo_home/registry" "$work/a home/"
  (
    export CARGO_HOME="$work/a home"
    build "$work/another folder" -DCMAKE_BUILD_TYPE=Release
  )
  for name in libossbind.so libossbind.a; do
    cmp "$work/one/build/lib/$name" "$work/another folder/build/lib/$name" \
      || fail "$name differs between folders"
  done
  echo 'the same bytes in two folders'
}

check_debug_information() {
  build "$work/one" -DCMAKE_BUILD_TYPE=RelWithDebInfo
  for name in libossbind.so libossbind.a; do
    readelf --debug-dump=decodedline "$work/one/build/lib/$name" 2> /dev/null \
      | grep -q 'multipart.*\.rs' || fail "$name has no debug information"
    ! grep -qaF "$work/" "$work/one/build/lib/$name" || fail "$name has the path $work"
  done
  echo 'debug information with RelWithDebInfo'
}

rm -rf "$work"
mkdir -p "$work"
check_same_bytes
check_debug_information
rm -rf "$work"
