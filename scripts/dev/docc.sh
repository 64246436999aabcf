#!/bin/sh
# docc.sh: DocC archives of Kit's public API below .build/docc, from the built modules. Fails on any warning.
set -eu
cd "$(dirname "$0")/../.."
build=$(readlink -f .build/release)
rm -rf .build/docc
mkdir -p .build/docc/symbols

maps=''
for map in "$build"/C*.build/module.modulemap Sources/C*/module.modulemap; do maps="$maps -Xcc -fmodule-map-file=$map"; done
target=$(swiftc -print-target-info | sed -n 's/.*"triple": "\(.*\)",/\1/p' | head -n 1)
for module in "$build"/Modules/Kit?*.swiftmodule; do
    name=$(basename "$module" .swiftmodule)
    symbols=.build/docc/symbols/$name
    mkdir "$symbols"
    # shellcheck disable=SC2086 # words of the compiler's
    swift-symbolgraph-extract -module-name "$name" -I "$build/Modules" -target "$target" -minimum-access-level public \
        -output-dir "$symbols" $maps
    docc convert --fallback-display-name "$name" --fallback-bundle-identifier "org.dubkit.$name" \
        --additional-symbol-graph-dir "$symbols" --output-dir ".build/docc/$name.doccarchive" >".build/docc/$name.log" 2>&1
done
if grep -h -A1 '^\(warning\|error\):' .build/docc/*.log; then
    echo "DocC gave the warnings above"
    exit 1
fi
