#!/bin/sh
# docc.sh: DocC archives of Kit's public API below .build/docc, from the built modules. Fails on any warning.
set -eu
cd "$(dirname "$0")/../.."
rm -rf .build/docc
sh scripts/dev/symbols.sh .build/docc/symbols
for symbols in .build/docc/symbols/*; do
    name=$(basename "$symbols")
    docc convert --fallback-display-name "$name" --fallback-bundle-identifier "org.dubkit.$name" \
        --additional-symbol-graph-dir "$symbols" --output-dir ".build/docc/$name.doccarchive" >".build/docc/$name.log" 2>&1
done
if grep -h -A1 '^\(warning\|error\):' .build/docc/*.log; then
    echo "DocC gave the warnings above"
    exit 1
fi
