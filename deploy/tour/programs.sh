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

# start_engine: the engine of a fleet; sets engine and engine_pid.
start_engine() {
  local i
  engine=$(command -v redis-server || command -v valkey-server) || die "neither redis-server nor valkey-server is there"
  (umask 077; openssl rand -hex 32 >"$work/fleet.key")
  "$engine" --port 0 --unixsocket "$work/engine.sock" --save '' --appendonly no --dir "$work" >"$work/engine.out" 2>"$work/engine.err" &
  engine_pid=$!
  pids+=("$engine_pid")
  for ((i = 0; i < 100; i++)); do
    [[ -S $work/engine.sock ]] && break
    sleep 0.05
  done
}

# start_gateways [line of settings...]: one, or with --fleet so many that act as one. Sets gateways, admins, and of the first one gateway, admin and hooks.
start_gateways() {
  local number lines=("$@")
  gateways=() admins=()
  if [[ -n $fleet ]]; then
    start_engine
    lines+=('fleet:' "  url: unix:$work/engine.sock" "  key_file: $work/fleet.key")
  fi
  for ((number = 1; number <= ${fleet:-1}; number++)); do
    ((number == 1)) || port=0
    start_gateway "gateway-$number" "$port" "$( ((number == 1)) && usual_or_any 9464 || echo 0)" "${lines[@]}"
    gateways+=("$(announced "gateway-$number" listening)")
    admins+=("$(announced "gateway-$number" admin)")
  done
  gateway=${gateways[0]} admin=${admins[0]} hooks=$(announced gateway-1 events)
}

# tell PATH JSON: the simulator's control port; its answer is in $work/told.
tell() { curl -sSf -m 10 -o "$work/told" -H 'Content-Type: application/json' "$control/$1" -d "$2" || die "the simulator refuses $1"; }
# Twilio's Event Streams: a sink, and what it is told of. events_settings are the lines that the gateway needs for it.
hook=https://hooks.example.com/twilio/events
(umask 077; openssl rand -hex 16 >"$work/events.token")
events_settings=('events:' '  address: 127.0.0.1:0' "  public_url: $hook" "  auth_token_file: $work/events.token")
send_events() {
  tell sinks "{\"destination\":\"$hook\",\"deliver_to\":\"$hooks\",\"auth_token\":\"$(<"$work/events.token")\"}"
  tell subscriptions "{\"sink_sid\":\"$(field "$work/told" sid)\",\"types\":[\"com.twilio.voice.insights.call-summary.complete\"]}"
}
field() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1])).get(sys.argv[2]))' "$1" "$2" 2>/dev/null || true; }
