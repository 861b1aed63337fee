#!/bin/sh
# Makes sure that the tools are there. What is missing comes from apt, or is named.
#   setup.sh build   what building and the demo need
#   setup.sh test    what the tests need besides
#   setup.sh bench   what building and the benchmarks need
set -eu
cd "$(dirname "$0")/.."

# Lines of "command package", or "library.pc package"; the packages are those of Debian and Ubuntu.
build_tools='cc gcc
c++ g++
cmake cmake
pkg-config pkg-config
readelf binutils'
test_tools='clang-format clang-format
curl curl
mkfs.ext4 e2fsprogs
openssl openssl
strace strace
valgrind valgrind
sqlite3 sqlite3
nginx nginx-light
libmicrohttpd.pc libmicrohttpd-dev
sqlite3.pc libsqlite3-dev
cpp-httplib.pc libcpp-httplib-dev
chromedriver chromium-driver'

bench_tools='taskset util-linux
valgrind valgrind
strace strace
curl-config libcurl4-openssl-dev'

# Servers are not in everybody's PATH.
has() {
  case $1 in
    *.pc) pkg-config --exists "${1%.pc}" ;;
    *) PATH=$PATH:/usr/sbin command -v "$1" > /dev/null 2>&1 ;;
  esac
}

# Chrome does as well, where Chromium is no package.
has google-chrome || test_tools="$test_tools
chromium chromium"

missing_packages() {
  echo "$1" | while read -r tool package; do
    has "$tool" || echo "$package"
  done | sort -u | tr '\n' ' '
}

install_packages() {
  if ! has apt-get; then
    return 1
  elif [ "$(id -u)" -eq 0 ]; then
    as_root=''
  elif has sudo && sudo -n true 2> /dev/null; then
    as_root='sudo -n'
  else
    return 1
  fi
  # One broken source among several need not matter: the installation shows it.
  $as_root apt-get update -q || echo 'setup: apt-get update failed' >&2
  # shellcheck disable=SC2086 # the list is split on purpose
  $as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends $1
}

require_rust() {
  wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
  if ! has cargo || ! has rustc; then
    found=none
  else
    found=$(rustc --version | cut -d ' ' -f 2)
  fi
  oldest=$(printf '%s\n' "$wanted" "$found" | sort -V | head -n 1)
  if [ "$found" = none ] || [ "$oldest" != "$wanted" ]; then
    echo "setup: Rust $wanted or newer is needed, found: $found. Install it with rustup." >&2
    exit 1
  fi
}

require_rust_component() {
  if ! cargo "$1" --version > /dev/null 2>&1; then
    echo "setup: installing $2"
    if ! has rustup || ! rustup component add "$2"; then
      echo "setup: cargo $1 is missing. Install it with: rustup component add $2" >&2
      exit 1
    fi
  fi
}

case ${1:-} in
  build) tools=$build_tools ;;
  test)
    tools="$build_tools
$test_tools"
    ;;
  bench)
    tools="$build_tools
$bench_tools"
    ;;
  *)
    echo "usage: setup.sh build|test|bench" >&2
    exit 2
    ;;
esac

packages=$(missing_packages "$tools")
if [ -n "$packages" ]; then
  echo "setup: installing $packages"
  if ! install_packages "$packages"; then
    echo "setup: could not install them. Install by hand: apt-get install $packages" >&2
    case $packages in
      *chromium*) echo 'setup: where those do not exist, put google-chrome and its chromedriver into the PATH' >&2 ;;
    esac
    exit 1
  fi
fi
require_rust
if [ "$1" = test ]; then
  require_rust_component fmt rustfmt
  require_rust_component clippy clippy
fi
