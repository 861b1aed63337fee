#!/bin/sh
# Builds the library for boards, with Debian's compilers, and runs it in an emulated processor against the local OSS:
# cross.sh BOARD…; without one, for all that it knows. Writes docs/boards.md.
#
# Debian's rustc compiles Rust's own library too, so that one package serves all boards.
set -eu
cd "$(dirname "$0")/.."
mkdir -p "${CARGO_TARGET_DIR:-target}"
target=$(cd "${CARGO_TARGET_DIR:-target}" && pwd)
work=$target/package/boards
. scripts/servers.sh
trap 'stop_servers' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

all_boards='aarch64 armv7 riscv64 mipsel'

fail() {
  echo "cross: $*" >&2
  exit 1
}

# Sets what is different: about BOARD
about() {
  case $1 in
    aarch64) rust=aarch64-unknown-linux-gnu gnu=aarch64-linux-gnu libc=arm64 qemu=aarch64 ;;
    armv7) rust=armv7-unknown-linux-gnueabihf gnu=arm-linux-gnueabihf libc=armhf qemu=arm ;;
    riscv64) rust=riscv64gc-unknown-linux-gnu gnu=riscv64-linux-gnu libc=riscv64 qemu=riscv64 ;;
    mipsel) rust=mipsel-unknown-linux-gnu gnu=mipsel-linux-gnu libc=mipsel qemu=mipsel ;;
    *) fail "no board '$1'; there are: $all_boards" ;;
  esac
}

require_tools() {
  packages=''
  for tool in "/usr/bin/rustc rustc-web" "/usr/bin/cargo cargo-web" \
    "/usr/bin/$gnu-gcc gcc-$gnu" "/usr/$gnu/include/stdio.h libc6-dev-$libc-cross" \
    "/usr/bin/qemu-$qemu-static qemu-user-static"; do
    [ -e "${tool% *}" ] || packages="$packages ${tool#* }"
  done
  [ -n "$(find /usr/src -maxdepth 1 -name 'rustc-*')" ] || packages="$packages rust-web-src"
  [ -z "$packages" ] || fail "install with apt-get:$packages"
}

build() {
  export RUSTC_BOOTSTRAP=1
  cmake -S . -B "$work/$board" -DCMAKE_BUILD_TYPE=Release -DOSSBIND_CARGO=/usr/bin/cargo \
    -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR="$qemu" -DCMAKE_C_COMPILER="$gnu-gcc" \
    -DOSSBIND_CARGO_TARGET="$rust" "-DOSSBIND_CARGO_FLAGS=-Zbuild-std=std,panic_unwind"
  cmake --build "$work/$board"
  library=$work/$board/lib/libossbind.so
  "$gnu-nm" -D --defined-only "$library" | sed 's/.* //' | LC_ALL=C sort \
    | diff tests/exports.txt - || fail "$board: the symbols differ"
  for pair in c_examples/put_object_callback:put tests/c/board:board; do
    "$gnu-gcc" "${pair%:*}.c" -o "$work/$board/${pair#*:}" -Iinclude -L"$work/$board/lib" -lossbind
  done
  "$gnu-gcc" -std=gnu11 -shared -fPIC tests/c/no_clock.c -o "$work/$board/no_clock.so"
}

# Runs a program of the board: emulated [-E VARIABLE=VALUE] PROGRAM ARGUMENT…
emulated() {
  "qemu-$qemu-static" -L "/usr/$gnu" -E LD_LIBRARY_PATH="$work/$board/lib" "$@"
}

# A local OSS on http or https, and an application server that verifies its callbacks.
start_service() {
  export OSS_REGION=cn-hangzhou OSS_BUCKET=boards OSS_ACCESS_KEY_ID=ak OSS_ACCESS_KEY_SECRET=sk
  set -- serve --bucket "$OSS_BUCKET" --access-key ak:sk "$@"
  start_server emulator "$@"
  export OSS_ENDPOINT="$url"
  [ "${url#https}" = "$url" ] || export SSL_CERT_FILE="$work/ca.pem"
  start_server receiver receive --allow-key-url "$OSS_ENDPOINT/"
  export OSS_CALLBACK_URL="$url/"
}

# A small file and one in parts, each with a callback.
upload() {
  for file in README.md "$work/large"; do
    said=$(emulated "$work/$board/put" "$file") || fail "$board: $said"
    case $said in
      'outcome: OSSBIND_STATUS_OK'*) ;;
      *) fail "$board: $said" ;;
    esac
  done
}

# The clock of a board without a battery.
upload_in_1970() {
  said=$(emulated -E LD_PRELOAD="$work/$board/no_clock.so" "$work/$board/board" "$SSL_CERT_FILE") \
    || fail "$board in 1970: $said"
  case $said in
    '1970 OSSBIND_STATUS_OK'*) ;;
    *) fail "$board in 1970: $said" ;;
  esac
  # Else the library did not see that clock.
  grep -q RequestTimeTooSkewed "$work/emulator.log" || fail "$board in 1970: the library knew the time"
}

try() {
  unset SSL_CERT_FILE
  start_service
  upload
  stop_servers
  servers=''
  start_service --tls-self-signed "$work/ca.pem"
  upload
  upload_in_1970
  stop_servers
  servers=''
}

# The line of the table.
describe() {
  size=$(stat -L -c %s "$library")
  compressed=$(gzip -9 -c "$library" | wc -c)
  floor=$("$gnu-readelf" -V "$library" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -n 1)
  needed=$("$gnu-readelf" -d "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort | paste -sd ' ')
  compiler="Rust $(/usr/bin/rustc --version | cut -d ' ' -f 2), gcc $("$gnu-gcc" -dumpfullversion)"
  printf '| `%s` | %s | %d | %d | %s | %s | ok | %s |\n' "$rust" "$compiler" "$size" \
    "$compressed" "${floor#GLIBC_}" "$needed" "$(date -u +%F)"
}

# Lines of boards that were not tried this time stay.
write_page() {
  touch docs/boards.md
  grep '^| `' docs/boards.md > "$work/rows" || :
  for board in $boards; do
    about "$board"
    { grep -vF "| \`$rust\`" "$work/rows" || :; cat "$work/$board.row"; } > "$work/rows.new"
    mv "$work/rows.new" "$work/rows"
  done
  {
    cat << 'TEXT'
# Boards

What `make cross` has built and tried. It builds the library, Rust's own included, with Debian's compilers, and lets it
upload in an emulated processor to the local OSS: a small file and one of 20 MiB in parts, each with a callback, over
http and https, and once more over https with a clock that says 1970. [building.md](building.md) has the way to do the same for a board.

Sizes are bytes of the stripped shared library, as it is and with `gzip -9`. The version of glibc is the oldest on which it
loads; it is that of the compiler that links, and older with an older one.

| Target | Compilers | Size | Compressed | glibc | Needs | Result | Tried |
| --- | --- | --- | --- | --- | --- | --- | --- |
TEXT
    LC_ALL=C sort "$work/rows"
  } > "$work/boards.md"
  mv "$work/boards.md" docs/boards.md
}

boards=${*:-$all_boards}
for board in $boards; do
  about "$board"
  require_tools
done
mkdir -p "$work"
truncate -s 20M "$work/large"
cargo build --locked --package ossbind-emulator
for board in $boards; do
  about "$board"
  build
  try
  describe > "$work/$board.row"
done
write_page
