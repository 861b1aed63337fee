# Starts and stops servers of the emulator, for scripts that source this. They have `target`, where it was
# built, `work`, a folder of their own, and the function `fail`.
servers=''

# Starts one of the emulator's servers and sets `url`: start_server NAME ARGUMENT…
start_server() {
  name=$1
  shift
  rm -f "$work/$name.url"
  "$target/debug/ossbind-emulator" "$@" --port 0 --ready-file "$work/$name.url" \
    > "$work/$name.log" 2>&1 &
  server=$!
  servers="$servers $server"
  tries=0
  until [ -f "$work/$name.url" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ] || ! kill -0 "$server" 2> /dev/null; then
      cat "$work/$name.log" >&2
      fail "the $name did not start"
    fi
    sleep 0.1
  done
  url=$(cat "$work/$name.url")
}

stop_servers() {
  for server in $servers; do
    kill "$server" 2> /dev/null || : # it may have ended by itself
    wait "$server" || :
  done
}
