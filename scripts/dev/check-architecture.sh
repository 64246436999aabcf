#!/bin/sh
# check-architecture.sh: fails if docs/architecture.md or a file's imports disagree with Package.swift.
set -eu
cd "$(dirname "$0")/../.."
package=$(mktemp)
trap 'rm -f "$package"' EXIT
swift package describe --type json >"$package"
.build/release/dubkit run scripts/dev/check_architecture.lua --set "package=$package"
