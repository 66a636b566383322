# Programs of the tour: in a directory of their own, on ports that are free, ended with the tour. Sourced by deploy/quickstart.
# shellcheck shell=bash disable=SC2034,SC2154
set -euo pipefail
work=$(mktemp -d)
pids=()
leave() {
  local code=$? pid
  trap '' INT TERM
  for pid in "${pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do
    for ((i = 0; i < 150; i++)); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
  done
  wait
  rm -rf "$work"
  exit "$code"
}
trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

is_free() {
  python3 -c 'import socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1])))
s.listen()' "$1" 2>/dev/null
}
# The usual port, or 0 (= the system picks one) when somebody has it.
usual_or_any() {
  if is_free "$1"; then
    echo "$1"
  else
    say "port $1 is taken, using a free one" >&2
    echo 0
  fi
}
# start NAME COMMAND...: runs it in the background until it says ": ready"; its output goes to NAME.out and NAME.err.
start() {
  local name=$1 i
  shift
  "$@" >"$work/$name.out" 2>"$work/$name.err" &
  pids+=($!)
  for ((i = 0; i < 600; i++)); do
    if grep -q "^[a-z-]*: ready" "$work/$name.out"; then return; fi
    kill -0 "${pids[-1]}" 2>/dev/null || break
    sleep 0.05
  done
  tail -qn 20 "$work/$name.out" "$work/$name.err" >&2
  die "$name did not become ready (its last words are above)"
}
# announced NAME WHAT: the URL that NAME printed for WHAT when it started.
announced() { sed -n "s|^[a-z-]*: $2 on ||p" "$work/$1.out" | head -n 1; }

start_simulator() {
  start twilio-simulator build/twilio-simulator --seed 1 --latency 100ms --write-ca "$work/ca.pem" \
    --listen "127.0.0.1:$(usual_or_any 8443)" --control "127.0.0.1:$(usual_or_any 8444)"
  control=$(announced twilio-simulator control)
  upstream=$(announced twilio-simulator https)
}

# start_gateway NAME PORT ADMIN_PORT [line of settings...]
start_gateway() {
  local name=$1 i
  cat >"$work/$name.yaml" <<YAML
listeners:
  - address: 127.0.0.1:$2
admin:
  address: 127.0.0.1:$3
upstream:
  url: https://localhost:${upstream##*:}
  ca_file: $work/ca.pem
YAML
  shift 3
  printf '%s\n' "$@" >>"$work/$name.yaml"
  start "$name" build/summary-gateway --config "$work/$name.yaml"
}
