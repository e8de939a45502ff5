#!/bin/bash
# Deletes the indices of days that are too long ago. Runs in a pod, with Elasticsearch's own image, once a day.
# Safe to repeat: what is gone is not listed any more.
set -euo pipefail

: "${ADDRESS?where Elasticsearch answers}"
: "${PREFIX?what the names of indices begin with}"
: "${DAYS?how many days are kept}"
: "${PASSWORD?of the user shipper}"

limit=$(date -u -d "-$DAYS days" +%Y.%m.%d)

# The password goes in by a file that only curl opens: arguments can be read by every process of the node.
elastic() {
  curl --silent --show-error --fail --config <(printf 'user = "shipper:%s"\n' "$PASSWORD") "$@"
}

for index in $(elastic "$ADDRESS/_cat/indices/$PREFIX-*?h=index" | sort); do
  day=${index#"$PREFIX"-}
  # Names of other shapes are not ours to delete. Days as year.month.day sort like the calendar.
  [[ $day =~ ^[0-9]{4}\.[0-9]{2}\.[0-9]{2}$ && $day < $limit ]] || continue
  echo "deleting $index"
  elastic --request DELETE "$ADDRESS/$index" >/dev/null
done
