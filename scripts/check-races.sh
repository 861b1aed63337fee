#!/bin/sh
# Runs a load of threads on the C API under ThreadSanitizer, against local services where things go
# wrong: check-races.sh [SECONDS]. The library, the standard library and the program are instrumented;
# ring's assembly, libc and the services are not.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
scripts/setup.sh build
toolchain=$(scripts/nightly.sh rust-src)
triple=$(rustup run "$toolchain" rustc --print host-tuple)
mkdir -p "${CARGO_TARGET_DIR:-target}"
target=$(cd "${CARGO_TARGET_DIR:-target}" && pwd)
work=$target/races
. scripts/servers.sh

# Reports come at the end of the program too, so it must end by itself.
export TSAN_OPTIONS='exitcode=66 halt_on_error=0 history_size=4 second_deadlock_stack=1 allow_addr2line=1'
failed_by_race=66

fail() {
  echo "check-races: $*" >&2
  exit 1
}

trap stop_servers EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# serve with the keys of the load, and with what goes wrong: start_service NAME ARGUMENT…
start_service() {
  set -- "$@" --discard --bucket "$OSS_BUCKET" --access-key ak:sk
  number=0
  while [ "$number" -lt 16 ]; do
    set -- "$@" --access-key "STS.race-$number:race-secret:race-token"
    number=$((number + 1))
  done
  name=$1
  shift
  start_server "$name" serve --fault-script tests/c/races/faults.txt "$@"
}

build_library() {
  # The standard library as well: what it does with atomics and locks is seen only then.
  RUSTFLAGS='-Zsanitizer=thread' rustup run "$toolchain" cargo build --locked --lib -Zbuild-std \
    --target "$triple" --target-dir "$work"
}

# rustc puts the runtime into Rust programs only. A C program takes the same one, as a whole, and lets
# the loader see it before libc, so that its wrappers of libc's functions are used.
build_program() {
  runtime=$(rustup run "$toolchain" rustc --print target-libdir --target "$triple")/librustc-nightly_rt.tsan.a
  library=$work/$triple/debug/libossbind.a
  [ -f "$runtime" ] || fail "Rust $toolchain has no ThreadSanitizer for $triple"
  rm -rf "$work/objects"
  mkdir "$work/objects"
  for source in tests/c/races/*.c; do
    cc -std=gnu99 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -g -O1 -Iinclude -fsanitize=thread -c "$source" \
      -o "$work/objects/$(basename "$source" .c).o"
  done
  cc -o "$work/load" "$work"/objects/*.o "$library" \
    -Wl,--whole-archive "$runtime" -Wl,--no-whole-archive -Wl,--export-dynamic \
    -lgcc_s -lpthread -lrt -lm -ldl
}

# The program changes a body while the library sends it. That is the program's fault, and one that must
# be seen on both sides, or nothing else would be.
check_that_races_are_seen() {
  status=0
  TSAN_OPTIONS="$TSAN_OPTIONS halt_on_error=1" "$work/load" misuse > "$work/misuse.log" 2>&1 || status=$?
  [ "$status" -eq "$failed_by_race" ] || {
    cat "$work/misuse.log" >&2
    fail "a race between program and library was not seen"
  }
  for side in ' write_body ' 'ossbind::upload::'; do
    grep -q "$side" "$work/misuse.log" || fail "$work/misuse.log does not name$side"
  done
  echo 'check-races: a race that was made on purpose is seen'
}

run_load() {
  rm -rf "$work/checkpoints"
  mkdir "$work/checkpoints"
  head -c 1500000 /dev/zero | tr '\0' x > "$work/file"
  status=0
  "$work/load" "$seconds" "$work/file" "$work/checkpoints" "$tls_url" "$work/ca.pem" \
    > "$work/load.log" 2> "$work/reports.log" || status=$?
  cat "$work/load.log"
  reports=$(grep -c '^WARNING: ThreadSanitizer' "$work/reports.log") || : # none
  if [ "$status" -ne 0 ] || [ "$reports" -ne 0 ]; then
    # One race may be met a thousand times.
    head -n 200 "$work/reports.log" >&2
    sed -n 's/^SUMMARY: //p' "$work/reports.log" | sort | uniq -c >&2
    fail "the load ended with status $status and $reports reports; all of them: $work/reports.log"
  fi
}

mkdir -p "$work"
export OSS_BUCKET=examplebucket OSS_REGION=cn-hangzhou
export OSS_ACCESS_KEY_ID=ak OSS_ACCESS_KEY_SECRET=sk
unset OSS_SESSION_TOKEN
# No proxy leads back to this machine.
unset ALL_PROXY HTTPS_PROXY HTTP_PROXY all_proxy https_proxy http_proxy
build_library
build_program
cargo build --locked --package ossbind-emulator
# By name, so that names are resolved.
start_service tls-service --tls-self-signed "$work/ca.pem"
tls_url=https://localhost:${url##*:}
start_service service
export OSS_ENDPOINT="http://localhost:${url##*:}"
start_server receiver receive --allow-key-url http://127.0.0.1
export OSS_CALLBACK_URL="$url/callback"
check_that_races_are_seen
run_load
echo "check-races: no race in $seconds s"
