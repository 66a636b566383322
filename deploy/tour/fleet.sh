# The tour of a fleet: several gateways that act as one through an engine. Sourced by deploy/quickstart.
# shellcheck shell=bash disable=SC2034,SC2154
set -euo pipefail
steps=6
start_gateways

# each [curl option...] SID/Summary: asks through every gateway at the same time; the codes, sorted, are in $codes.
each() {
  local one asking=()
  : >"$work/codes"
  for one in "${gateways[@]}"; do
    curl -sS -m 10 -o "$work/body" -w '%{http_code}\n' -u "$account:$token" "$one/v1/Voice/$1" >>"$work/codes" &
    asking+=($!)
  done
  wait "${asking[@]}" || true
  codes=$(sort -u "$work/codes" | tr '\n' ' ')
}
fleet_of() { curl -sS -m 10 -o "$work/fleet" "$1/api/fleet" || true; }

printf '\nThe tour: clients → %s gateways → twilio-simulator https://%s, and one engine (%s)\n' "$fleet" "${upstream#https://}" "${engine##*/}"

step "1 one flight for all: a reader at each gateway at the same moment, one call to Twilio"
each "$ended/Summary"
shows "$fleet readers: $codes"
expect "statuses" "$codes" "200 "
verdict 1

step "2 second tier: what the first gateway fetched, the others need not fetch"
other=CA5eed0000000000000000000000000003
tell calls "{\"call_sid\":\"$other\",\"ended_ago_s\":7200,\"partial_after_s\":600,\"complete_after_s\":1800}"
for gateway in "${gateways[@]}"; do
  ask "$other/Summary" -u "$account:$token"
  answer "Cache-Status: $(header cache-status)"
  expect "status" "$code" 200
done
verdict 1

step "3 not ready: pollers at every gateway cost one call"
for ((i = 0; i < 3; i++)); do
  each "$recent/Summary"
  expect "statuses" "$codes" "404 "
done
shows "$((3 * fleet)) polls: $codes"
verdict 1

step "4 erased everywhere: a purge at the last gateway, a read at the first"
curl -sS -m 10 -o "$work/purged" -X POST "${admins[-1]}/api/purge?call_sid=$ended" || faults+=("the purge was not answered")
shows "$(<"$work/purged")"
expect "fleet" "$(field "$work/purged" fleet)" "done"
sleep 1
each "$ended/Summary"
expect "statuses" "$codes" "200 "
verdict 1

step "5 the engine hangs: each gateway goes on alone"
kill -STOP "$engine_pid"
each "$ended/Summary"
expect "statuses from memory" "$codes" "200 "
shows "$fleet readers from memory: $codes"
gateway=${gateways[0]}
ask "CA5eed0000000000000000000000000004/Summary" -u "$account:$token"
answer "Cache-Status: $(header cache-status)"
expect "status" "$code" 200
kill -CONT "$engine_pid"
verdict 1

step "6 the fleet as a gateway sees it (${admins[0]}/api/fleet)"
fleet_of "${admins[0]}"
shows "$(head -c 600 "$work/fleet")"
verdict 0
summary="$fleet gateways as one"
