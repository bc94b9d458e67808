#!/bin/sh
# Copies customers from the CRM and writes a few back, with curl and what every
# Unix has.
set -eu

base=$CRM_URL/api/v2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
token=
sign_ins=0
waits=0
body=

# field NAME: the first value of a key in the last answer, without quotes.
field() {
  printf '%s' "$body" | grep -o "\"$1\":\(\"[^\"]*\"\|[^,}]*\)" | head -n 1 | sed -e "s/^\"$1\"://" -e 's/^"//' -e 's/"$//'
}

# send METHOD PATH CURL-OPTIONS: sends one request and waits while the CRM says
# that it is too fast. The answer is in $body.
send() {
  method=$1 path=$2
  shift 2
  while :; do
    http=$(curl -sS -g -o "$work/body" -D "$work/head" -w '%{http_code}' -X "$method" "$@" "$base$path")
    body=$(cat "$work/body")
    [ "$http" = 429 ] || break
    [ "$body" = 'Retry later' ]
    waits=$((waits + 1))
    sleep "$(tr -d '\r' <"$work/head" | sed -n 's/^[Rr]etry-[Aa]fter: //p')"
  done
  [ "$http" = 200 ] || { echo "$method $path: HTTP $http $body" >&2; exit 1; }
}

sign_in() {
  send POST /auth/login --data-urlencode "login=$CRM_LOGIN" --data-urlencode "password=$CRM_PASSWORD" -d device=web
  [ "$(field code)" = 0 ] || { echo "$body" >&2; exit 1; }
  sign_ins=$((sign_ins + 1))
}

# call is send with the token; it signs in again where that has ended.
call() {
  while :; do
    if [ -z "$token" ]; then
      sign_in
      token=$(field user_token)
    fi
    send "$@" -H "Authorization: Token token=\"$token\",version_code=\"3.3.0\",device=\"web\""
    [ "$(field code)" = 100401 ] || return 0
    token=
  done
}

# good is call for what must not be refused.
good() {
  call "$@"
  [ "$(field code)" = 0 ] || { echo "$1 $2: $body" >&2; exit 1; }
}

customers=0
page=1
more=true
while [ "$more" = true ]; do
  good GET "/customers?page=$page&per_page=8&order=asc&sort=created_at"
  customers=$((customers + $(printf '%s' "$body" | grep -o '"user_third_userid":' | wc -l)))
  more=$(field has_next_page)
  page=$((page + 1))
done
day=$(TZ=UTC-8 date +%Y-%m-%d)
good GET "/customers?created_at[0]=$day&created_at[1]=$day&per_page=1"
today=$(field total_count)

good GET /customers/status/filter_options
first=$(printf '%s' "$body" | grep -o '"value":"[0-9]*"' | sed -n '1s/[^0-9]//gp')
second=$(printf '%s' "$body" | grep -o '"value":"[0-9]*"' | sed -n '2s/[^0-9]//gp')

create() {
  call POST /customers -F 'customer[name]=南昌市贝壳商贸有限公司' -F "customer[status]=$first" \
    -F 'customer[address_attributes][phone]=13800000221' -F 'customer[address_attributes][detail_address]=八一大道3号' \
    -F 'customer[contacts_attributes][0][name]=张三' \
    -F 'customer[contacts_attributes][0][address_attributes][phone]=13800000222' \
    -F 'customer[contacts_attributes][1][name]=李四'
}
create
id=$(field id)
contacts=$(printf '%s' "$body" | grep -o '"wx_external_userid":' | wc -l)
create
duplicate=$(field code)
good POST "/customers/$id" -d "customer[status]=$second"
status=$(field status)
status_mapped=$(field status_mapped)

printf '一百元' >"$work/报价.txt"
good POST /attachments -F attachmentable_type=Customer -F "attachmentable_id=$id" -F "file=@$work/报价.txt"
file=$(field id)
file_url=$(field file_url)

good POST /leads --data-urlencode 'lead[name]=王五' --data-urlencode 'lead[company_name]=贝壳线索公司' \
  -d 'lead[address_attributes][phone]=13800000223'
lead=$(field id)
sign_in # somebody signs in with the same account elsewhere
good POST "/leads/$lead/turn_to_customer" -H 'Content-Length: 0'
turned=$(field id)
turned_name=$(field name)
good GET "/contacts?all_phone_number=true" -G --data-urlencode 'query=张三'
found=$(field total_count)

while [ "$waits" = 0 ]; do
  good GET /customers/filter_sort_group
done
cat <<JSON
{"customers": $customers, "today": $today, "id": $id, "contacts": $contacts, "status": "$status", "status_mapped": "$status_mapped",
"wanted_status": "$second", "duplicate": $duplicate, "file": $file, "file_url": "$file_url", "lead": $lead, "turned": $turned,
"turned_name": "$turned_name", "found": $found, "sign_ins": $sign_ins, "waits": $waits}
JSON
