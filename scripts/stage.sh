#!/bin/sh
# Runs one stage and prints how long it took: stage.sh NAME COMMAND…
set -eu
name=$1
shift

echo "==> $name"
start=$(date +%s)
status=0
"$@" || status=$?
seconds=$(($(date +%s) - start))
if [ "$status" -ne 0 ]; then
  echo "<== $name FAILED with status $status after $seconds s"
  exit "$status"
fi
echo "<== $name passed in $seconds s"
