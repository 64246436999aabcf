#!/bin/sh
# Runs the built tests one after the other, and repeats the failures at the end, where a log is read first.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{ swift test -c release --skip-build --no-parallel 2>&1; echo $? >"$log.status"; } | tee "$log"
status=$(cat "$log.status")
rm -f "$log.status"
if [ "$status" -ne 0 ]; then
    echo "Failed:"
    grep -a '✘' "$log" || tail -n 30 "$log"
fi
exit "$status"
