# The tour of one gateway. Sourced by deploy/quickstart.
# shellcheck shell=bash disable=SC2034,SC2154
set -euo pipefail
steps=7
summary='25 requests, 6 upstream calls'
start_gateways "${events_settings[@]}"

printf '\nThe tour: client → summary-gateway %s → twilio-simulator https://%s\n' "$gateway" "${upstream#https://}"

step "1 miss: the first reader of a finished call waits for Twilio (here: 100 ms over TLS)"
ask "$ended/Summary" -u "$account:$token"
answer "Cache-Status: $(header cache-status)"
expect "status" "$code" 200
expect "call_sid" "$(field "$work/body" call_sid)" "$ended"
expect "processing_state" "$(field "$work/body" processing_state)" complete
[[ $(header cache-status) == *fwd=uri-miss*stored* ]] || faults+=("Cache-Status does not say that the answer was fetched and stored")
cp "$work/body" "$work/first"
verdict 1

step "2 hit: the next ten readers get the same bytes from memory"
for ((i = 0; i < 10; i++)); do
  ask "$ended/Summary" -u "$account:$token"
  expect "status" "$code" 200
  cmp -s "$work/body" "$work/first" || faults+=("answer $((i + 1)) differs from the first one")
  [[ $(header cache-status) == *"; hit"* && -n $(header age) ]] || faults+=("answer $((i + 1)) is no hit with an Age")
done
answer "Age: $(header age), Cache-Status: $(header cache-status)"
verdict 0

step "3 partial: a summary that still changes is requested from the upstream every time"
for ((i = 0; i < 2; i++)); do
  ask "$recent/Summary?ProcessingState=partial" -u "$account:$token"
  expect "status" "$code" 200
  expect "processing_state" "$(field "$work/body" processing_state)" partial
done
answer "Cache-Status: $(header cache-status)"
verdict 2

step "4 not ready: Twilio's 404/17001 as it is, remembered briefly, so ten pollers cost one call"
for ((i = 0; i < 10; i++)); do
  ask "$recent/Summary" -u "$account:$token"
  expect "status" "$code" 404
  expect "code" "$(field "$work/body" code)" 17001
done
answer "$(<"$work/body")"
verdict 1

send_events
step "5 held: with Prefer: wait=20 a reader is answered the moment its summary is complete (here: in 3 s, and Twilio sends an event)"
soon=CA5eed0000000000000000000000000004
tell calls "{\"call_sid\":\"$soon\",\"ended_ago_s\":1797,\"partial_after_s\":600,\"complete_after_s\":1800}"
begun=$(date +%s.%N)
ask "$soon/Summary" -m 30 -u "$account:$token" -H 'Prefer: wait=20'
answer "after $(awk -v from="$begun" -v to="$(date +%s.%N)" 'BEGIN {printf "%.1f", to - from}') s, Preference-Applied: $(header preference-applied)"
expect "status" "$code" 200
expect "processing_state" "$(field "$work/body" processing_state)" complete
expect "Preference-Applied" "$(header preference-applied)" wait=20
verdict 2

step "6 no credentials: refused here in Twilio's shape, a cached summary included"
ask "$ended/Summary"
answer "$(<"$work/body")"
expect "status" "$code" 401
expect "code" "$(field "$work/body" code)" 20003
[[ $(header www-authenticate) == Basic* ]] || faults+=("WWW-Authenticate is missing")
verdict 0

step "7 metrics: the gateway counted all of it ($admin/metrics)"
curl -sS -m 10 -o "$work/metrics" "$admin/metrics" || faults+=("no metrics")
requests=$(grep '^summary_gateway_requests_total{' "$work/metrics" | grep -v ' 0$' | sort || true)
while IFS= read -r line; do shows "$line"; done <<<"$requests"
counted() { awk -v o="outcome=\"$1\"" 'index($1, o) {n += $2} END {print n + 0}' <<<"$requests"; }
expect "hits" "$(counted hit)" 10
expect "negative hits" "$(counted negative_hit)" 9
expect "bypasses" "$(counted bypass)" 2
expect "misses" "$(counted miss)" 2
expect "held readers" "$(counted held)" 1
expect "rejected requests" "$(counted rejected)" 1
verdict 0
