#!/bin/sh
# stage-plugin-kit.sh FOLDER: writes what plugin files are built against into FOLDER: the modules of the built kit, the
# flags to compile with, the reference of the Swift API, and the facts that identify this build.
set -eu
folder=$1
cd "$(dirname "$0")/../.."
build=.build/release
# If the modules were compiled again after the program was linked, its types may differ from theirs.
newer=$(find "$build/Modules" -name 'Kit*.swiftmodule' -newer "$build/dubkit" | head -n 1)
if [ -n "$newer" ]; then
    echo "$newer is newer than $build/dubkit: run 'make build' first" >&2
    exit 1
fi
fresh=$folder.new
rm -rf "$fresh"
mkdir -p "$fresh/modules"

# Swift modules: the kit's own, and the one other module that they import.
cp -p "$build"/Modules/Kit*.swiftmodule "$build"/Modules/Kit*.swiftdoc "$build"/Modules/SwiftProtobuf.swiftmodule \
    "$fresh/modules"
# C modules: module maps of system libraries, and the headers of the kit's own targets.
for map in Sources/C*/module.modulemap; do
    cp -pR "$(dirname "$map")" "$fresh/modules"
done
for headers in Sources/C*/include; do
    name=$(basename "$(dirname "$headers")")
    cp -pR "$headers" "$fresh/modules/$name"
    printf 'module %s {\n    umbrella "."\n    export *\n}\n' "$name" >"$fresh/modules/$name/module.modulemap"
done
cp -p Sources/CRegistry/plugin.c "$fresh"

# Where the headers of the system libraries are, one flag per line.
libraries=$(sed -n 's/^ *library(".*link: "\(.*\)").*/\1/p' Package.swift)
# shellcheck disable=SC2086 # the list is meant to split into words
pkg-config --cflags-only-I $libraries | tr ' ' '\n' | sort -u | sed '/^$/d' >"$fresh/flags"

sh scripts/dev/symbols.sh "$fresh/symbols"
"$build/dubkit" run scripts/dev/swift_reference.lua --quiet --set symbols="$fresh/symbols" --set out="$fresh/swift"
rm -rf "$fresh/symbols"

facts=$(swiftc -print-target-info)
fact() { echo "$facts" | sed -n "s/^ *\"$1\": \"\(.*\)\",*\$/\1/p" | head -n 1; }
{
    echo "api = $("$build/dubkit" --version | awk '{print $2; exit}')"
    echo "compiler = $(fact compilerVersion)"
    echo "target = $(fact triple)"
    echo "modules = $(cd "$fresh/modules" && find . -type f ! -name '*.swiftdoc' | LC_ALL=C sort | xargs cat | sha256sum | cut -c1-64)"
    if [ -e .git ]; then echo "commit = $(git describe --always --abbrev=12 --exclude '*' --dirty)"; fi
    echo "program = $(readelf -n "$build/dubkit" | sed -n 's/.*Build ID: //p')"
} >"$fresh/interface"
rm -rf "$folder"
mv "$fresh" "$folder"
