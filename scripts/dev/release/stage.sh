#!/bin/sh
# stage.sh PREFIX: installs the built kit below PREFIX so that it runs without a Swift toolchain. The Swift runtime lies in
# lib/dubkit/runtime, which the program finds by its own place, and debugging symbols are left out.
set -eu
case $1 in /*) prefix=$1 ;; *) prefix=$PWD/$1 ;; esac
cd "$(dirname "$0")/../../.."
sh scripts/dev/install.sh "$prefix"
program=$prefix/bin/dubkit
runtime=$prefix/lib/dubkit/runtime
toolchain=$(swiftc -print-target-info | sed -n '/"runtimeLibraryPaths"/{n;s/.*"\(.*\)".*/\1/p}')
mkdir -p "$runtime"

# What the program needs of the toolchain. These libraries find each other, since their search path is $ORIGIN.
ldd "$program" | awk -v folder="$toolchain/" 'index($3, folder) == 1 {print $3}' | while read -r library; do
    cp -L "$library" "$runtime"
    readelf -d "$library" | grep -q 'NEEDED.*libswift' || continue
    # shellcheck disable=SC2016 # the loader replaces $ORIGIN
    readelf -d "$library" | grep -q 'R.*PATH.*\[\$ORIGIN' || { echo "$library does not look next to itself" >&2; exit 1; }
done
license=$(dirname "$(dirname "$(dirname "$toolchain")")")/share/swift/LICENSE.txt
cp "$license" "$prefix/share/dubkit/LICENSE.swift-runtime"

identity() { readelf -n "$program" | sed -n 's/.*Build ID: //p'; }
before=$(identity)
strip --strip-unneeded "$program"
# shellcheck disable=SC2016 # the loader replaces $ORIGIN
patchelf --set-rpath '$ORIGIN/../lib/dubkit/runtime' "$program"
# Plugin files are matched with the program by this.
[ "$before" = "$(identity)" ] || { echo "the build ID of $program has changed" >&2; exit 1; }
