#!/bin/sh
# symbols.sh FOLDER: the symbol graphs of Kit's public API, one folder for each module, from the built modules.
set -eu
case $1 in /*) folder=$1 ;; *) folder=$PWD/$1 ;; esac
cd "$(dirname "$0")/../.."
build=$(readlink -f .build/release)
rm -rf "$folder"
mkdir -p "$folder"

maps=''
for map in "$build"/C*.build/module.modulemap Sources/C*/module.modulemap; do maps="$maps -Xcc -fmodule-map-file=$map"; done
target=$(swiftc -print-target-info | sed -n 's/.*"triple": "\(.*\)",/\1/p' | head -n 1)
for module in "$build"/Modules/Kit?*.swiftmodule; do
    name=$(basename "$module" .swiftmodule)
    # Modules of an earlier state of the sources stay in the build's folder.
    grep -q "\"$name\"" Package.swift || continue
    mkdir "$folder/$name"
    # shellcheck disable=SC2086 # words of the compiler's
    swift-symbolgraph-extract -module-name "$name" -I "$build/Modules" -target "$target" -minimum-access-level public \
        -output-dir "$folder/$name" $maps
done
