#!/bin/sh
# Compares with the vendor's SDKs, and writes docs/interop.md: interop.sh [SEED]
set -eu
cd "$(dirname "$0")/.."
scripts/prepare-interop.sh

python=target/interop/python/bin/python
export PYTHONDONTWRITEBYTECODE=1
NODE_PATH=$PWD/target/interop/node/node_modules
export NODE_PATH
# Through files, since a pipe hides what fails in it: sign_random_requests SEED COUNT FILE
sign_random_requests() {
  folder=tests/interop/signatures
  "$python" "$folder/random_requests.py" "$1" "$2" > "$3.requests"
  "$python" "$folder/sign.py" < "$3.requests" > "$3.half"
  node "$folder/sign.js" < "$3.half" > "$3"
  rm "$3.requests" "$3.half"
}

# The same vectors for all, until the SDKs change, and others each time.
sign_random_requests 1 504 tests/vectors/sdk_signatures.jsonl
seed=${1:-$(date +%s)}
echo "interop: random requests with seed $seed"
sign_random_requests "$seed" 6000 target/interop/sdk_signatures.jsonl
cargo test --locked --lib signatures_are_those_of_the_sdks
OSSBIND_TEST_SIGNATURES="$PWD/target/interop/sdk_signatures.jsonl" \
  cargo test --locked --lib signatures_are_those_of_the_sdks

OSSBIND_TEST_INTEROP=1 cargo test --locked --test interop -- --nocapture
