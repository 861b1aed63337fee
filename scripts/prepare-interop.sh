#!/bin/sh
# Installs the vendor's SDKs into target/interop, once for each version of them and of what runs them.
set -eu
cd "$(dirname "$0")/.."
sdks=tests/interop/sdks
folder=target/interop

fail() {
  echo "interop: $1" >&2
  exit 1
}

python=$(command -v python3) || fail 'python3 is missing. Install it with: apt-get install python3 python3-venv'
command -v npm > /dev/null || fail 'npm is missing. Install Node.js 18 or newer, which brings it'

wanted="$(python3 --version) $(node --version) $(cat "$sdks"/*requirements.txt "$sdks/package-lock.json" | cksum)"
if [ "$(cat "$folder/prepared" 2> /dev/null)" = "$wanted" ]; then
  exit 0
fi
rm -rf "$folder"
mkdir -p "$folder/node"

echo 'interop: installing the SDKs for Python'
"$python" -m venv "$folder/python" ||
  fail 'python3 cannot make an environment. Install what it asks for, such as: apt-get install python3-venv'
pip() {
  "$folder/python/bin/pip" --quiet --disable-pip-version-check install --require-hashes "$@" ||
    fail 'pip could not install them. It needs a package index, once: check the network, and PIP_INDEX_URL where there is a mirror'
}
# What comes as sources is built with what is pinned, and not with what is newest.
pip -r "$sdks/build-requirements.txt"
pip --no-build-isolation -r "$sdks/requirements.txt"

echo 'interop: installing the SDK for Node.js'
cp "$sdks/package.json" "$sdks/package-lock.json" "$folder/node"
(cd "$folder/node" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) ||
  fail 'npm could not install it. It needs a registry, once: check the network, and npm config get registry where there is a mirror'

echo "$wanted" > "$folder/prepared"
