#!/bin/sh
# Compares with the vendor's SDKs, and writes docs/interop.md: interop.sh [SEED]
set -eu
cd "$(dirname "$0")/.."
scripts/prepare-interop.sh

python=target/interop/python/bin/python
export PYTHONDONTWRITEBYTECODE=1
NODE_PATH=$PWD/target/interop/node/node_modules
export NODE_PATH
# A failure in the middle of a pipe would leave a short file, which the tests refuse.
sign_random_requests() {
  folder=tests/interop/signatures
  "$python" "$folder/random_requests.py" "$1" "$2" | "$python" "$folder/sign.py" | node "$folder/sign.js"
}

# The same vectors for all, until the SDKs change, and others each time.
sign_random_requests 1 504 > tests/vectors/sdk_signatures.jsonl
seed=${1:-$(date +%s)}
sign_random_requests "$seed" 6000 > target/interop/sdk_signatures.jsonl
echo "interop: random requests with seed $seed"
cargo test --locked --lib signatures_are_those_of_the_sdks
OSSBIND_TEST_SIGNATURES="$PWD/target/interop/sdk_signatures.jsonl" \
  cargo test --locked --lib signatures_are_those_of_the_sdks

OSSBIND_TEST_INTEROP=1 cargo test --locked --test interop -- --nocapture
