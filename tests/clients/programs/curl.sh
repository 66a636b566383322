#!/usr/bin/env bash
# curl, with one process for all reads, so that it may keep its connection.
set -uo pipefail
get() {
  curl --silent --show-error --user "$CLIENT_USER:$CLIENT_SECRET" --cacert "$CLIENT_CA" --max-time "$CLIENT_TIMEOUT" --write-out '\n%{http_code}\n' "${options[@]}" "$@" 2>&1
}
options=()
[[ ! ${CLIENT_COMPRESSED:-} ]] || options=(--compressed)
if [[ $1 == list ]]; then
  url="$CLIENT_URL/v1/Voice/Summaries?PageSize=2" calls=0
  while [[ $url ]]; do
    page=$(get "$url" | head -n -1)
    read -r count url < <(python3 -c 'import json,sys; page = json.load(sys.stdin); print(len(page["call_summaries"]), page["meta"]["next_page_url"] or "")' <<<"$page")
    ((calls += count))
  done
  echo "{\"calls\": $calls}"
  exit
fi
urls=()
for ((left = ${3:-1}; left > 0; --left)); do urls+=("$CLIENT_URL/v1/Voice/$2/Summary"); done
get "${urls[@]}" | python3 -c '
import json, sys
lines = sys.stdin.read().rstrip("\n").split("\n")
try:
    status, body = int(lines[-1]), json.loads(lines[-2])
    said = {"call_sid": body["call_sid"]} if status == 200 else {"error": {"status": status, "code": body["code"], "text": body["message"]}}
except ValueError:
    said = {"error": {"status": None, "code": None, "text": " ".join(lines)}}
print(json.dumps(said))'
