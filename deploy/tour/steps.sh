# Steps of the tour: what is asked, what is expected, and how often the upstream is asked meanwhile. Sourced by deploy/quickstart.
# shellcheck shell=bash disable=SC2034,SC2154
set -euo pipefail
account=AC00000000000000000000000000000001 token=parent-token
ended=CA5eed0000000000000000000000000001  # ended an hour ago: its summary is complete
recent=CA5eed0000000000000000000000000002 # ended 15 minutes ago: only a partial summary exists
tell calls "{\"call_sid\":\"$recent\",\"ended_ago_s\":900,\"partial_after_s\":600,\"complete_after_s\":1800}"

failed=0
# ask SID/Summary [curl option...]: leaves the answer of $gateway in $code, $work/head and $work/body.
ask() {
  local target=/v1/Voice/$1
  shift
  : >"$work/head"
  : >"$work/body"
  code=$(curl -sS -m 10 -o "$work/body" -D "$work/head" -w '%{http_code}' "$@" "$gateway$target") || code=none
}
header() { tr -d '\r' <"$work/head" | sed -n "s/^$1: //Ip" | head -n 1; }
upstream_calls() { curl -sS -m 10 -o "$work/state" "$control/state" && field "$work/state" requests; }
step() {
  printf '\n%s\n' "$1"
  before=$(upstream_calls)
  faults=()
}
shows() { printf '   %s\n' "$1"; }
# expect WHAT ACTUAL WANTED: remembers a difference for this step's verdict.
expect() { [[ $2 == "$3" ]] || faults+=("$1 is '$2', expected '$3'"); }
# verdict CALLS: closes a step that should have made CALLS calls upstream.
verdict() {
  local calls=$(($(upstream_calls) - before)) fault
  expect "number of upstream calls" "$calls" "$1"
  if ((${#faults[@]} == 0)); then
    shows "upstream calls: $calls  →  ok"
  else
    shows "upstream calls: $calls  →  FAILED"
    for fault in "${faults[@]}"; do shows "    $fault"; done
    ((++failed))
  fi
}
answer() { shows "$code, $(wc -c <"$work/body") bytes, $1"; }
