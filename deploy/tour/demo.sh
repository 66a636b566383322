# A day in five minutes: clients, an outage and an operator, with the dashboard open. Sourced by deploy/quickstart.
# shellcheck shell=bash disable=SC2034,SC2154
set -euo pipefail
# With --check only what has to be seen is waited for.
seconds=300
[[ -z $check ]] || seconds=27

# Mode inject: the gateway has the account's credential, and each client a name and a token of its own.
account=AC00000000000000000000000000000001
lines=('credentials:' '  mode: inject' '  accounts:' "    - { name: main, credential_file: $work/main.credential }" '  clients:')
umask 077
echo "$account:parent-token" >"$work/main.credential"
tokens=()
for client in support analytics polling supervisor; do
  token=$(openssl rand -hex 16)
  build/summary-gateway --hash-token <<<"$token" >"$work/$client.token"
  rights=''
  [[ $client != supervisor ]] || rights=', may: [all, annotation.write]'
  lines+=("    - { name: $client, account: main, token_file: $work/$client.token$rights }")
  tokens+=("\"$client\": \"$token\"")
done
(IFS=','; echo "{${tokens[*]}}" >"$work/tokens.json")
start_gateways "${events_settings[@]}" "${lines[@]}"
send_events

arguments=(--control "$control" --seconds "$seconds" --tokens "$work/tokens.json" ${fleet:+--engine "$engine_pid"})
for one in "${gateways[@]}"; do arguments+=(--gateway "$one"); done
for one in "${admins[@]}"; do arguments+=(--admin "$one"); done
printf '\nThe dashboard: %s/   Open it now: a day from 09:00 to 18:00 passes in %s seconds.\n\n' "$admin" "$seconds"
failed=0
steps=1 ended=CA5eed0000000000000000000000000100
PYTHONDONTWRITEBYTECODE=1 python3 deploy/tour/day.py "${arguments[@]}" || failed=1
summary='every happening was seen'
