#!/bin/sh
# check-docs.sh: fails if docs/reference differs from what the declarations give.
set -eu
cd "$(dirname "$0")/../.."
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
.build/release/dubkit docs "$fresh"
diff -ru docs/reference "$fresh" || {
    echo "docs/reference is out of date: run 'make docs' and commit the result"
    exit 1
}
