#!/bin/sh
# Uploads a file with a callback, once from C and once from C++: demo.sh FILE
#
# With OSS_ENDPOINT in the environment this is done with the real service; then OSS_BUCKET,
# OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET and OSS_CALLBACK_URL have to be there as well.
# Without it, an OSS and an application server are started on this machine, and stopped at the end.
set -eu
cd "$(dirname "$0")/.."
file=$1
mkdir -p "${CARGO_TARGET_DIR:-target}"
target=$(cd "${CARGO_TARGET_DIR:-target}" && pwd)
prefix=$target/package/prefix
work=$(mktemp -d)
. scripts/servers.sh
trap 'stop_servers; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

fail() {
  echo "demo: $*" >&2
  exit 1
}

show() {
  echo "+ $*"
  "$@"
}

start_local_service() {
  export OSS_REGION=cn-hangzhou OSS_BUCKET=demo-bucket
  export OSS_ACCESS_KEY_ID=demo-id OSS_ACCESS_KEY_SECRET=demo-secret
  unset OSS_SESSION_TOKEN
  # No proxy leads back to this machine.
  unset ALL_PROXY HTTPS_PROXY HTTP_PROXY all_proxy https_proxy http_proxy
  start_server emulator serve --bucket "$OSS_BUCKET" \
    --access-key "$OSS_ACCESS_KEY_ID:$OSS_ACCESS_KEY_SECRET"
  export OSS_ENDPOINT="$url"
  start_server receiver receive --allow-key-url "$OSS_ENDPOINT/"
  export OSS_CALLBACK_URL="$url/callback"
}

# Uploads, and shows what the application server has got since: upload PROGRAM KEY
upload() {
  echo
  before=0
  [ -z "$servers" ] || before=$(wc -l < "$work/receiver.log")
  outcome=0
  show "$1" "$file" "$2" || outcome=$?
  if [ -n "$servers" ]; then
    echo "the application server got:"
    tail -n "+$((before + 1))" "$work/receiver.log"
  fi
  [ "$outcome" -eq 0 ] || exit "$outcome"
}

if [ ! -f "$file" ] || [ ! -r "$file" ]; then
  fail "'$file' is no readable file; name one: make demo FILE=…"
fi
if [ -n "${OSS_ENDPOINT:-}" ]; then
  for name in OSS_BUCKET OSS_ACCESS_KEY_ID OSS_ACCESS_KEY_SECRET OSS_CALLBACK_URL; do
    eval "[ -n \"\${$name:-}\" ]" || fail "OSS_ENDPOINT is set, so $name is needed in the environment; unset it for a demo on this machine"
  done
fi

scripts/install-package.sh "$prefix"
# As anybody would with an installed library.
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
# shellcheck disable=SC2046 # flags are split on purpose, here and below
show cc c_examples/put_object_callback.c -o "$work/demo-c" \
  $(pkg-config --cflags --libs ossbind) -Wl,-rpath,"$prefix/lib"
# shellcheck disable=SC2046
show c++ -std=c++11 cpp_examples/put_object_callback.cpp -o "$work/demo-cpp" \
  $(pkg-config --cflags --libs ossbind) -Wl,-rpath,"$prefix/lib"

if [ -z "${OSS_ENDPOINT:-}" ]; then
  cargo build --locked --package ossbind-emulator
  start_local_service
fi
upload "$work/demo-c" "ossbind-demo/c/$(basename "$file")"
upload "$work/demo-cpp" "ossbind-demo/cpp/$(basename "$file")"
