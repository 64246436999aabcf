#!/bin/sh
# install.sh PREFIX: installs the built kit: bin/dubkit, lib/dubkit (what plugins are built against, with the reference of
# the Swift API), share/dubkit with recipes, samples, guides and the reference in the layout of a checkout, so that links
# between pages work, the link share/doc/dubkit to it, and the manual pages and shell completions if they were made.
set -eu
case $1 in /*) prefix=$1 ;; *) prefix=$PWD/$1 ;; esac
cd "$(dirname "$0")/../.."
share=$prefix/share/dubkit
mkdir -p "$prefix/bin" "$prefix/lib" "$prefix/share/doc" "$share/scripts" "$share/benchmarks"
sh scripts/dev/stage-plugin-kit.sh "$prefix/lib/dubkit"
cp .build/release/dubkit "$prefix/bin/dubkit.new"
mv "$prefix/bin/dubkit.new" "$prefix/bin/dubkit"
for part in scripts/*; do
    [ "$part" = scripts/dev ] || cp -R "$part" "$share/scripts"
done
cp -R samples docs "$share"
rm -rf "$share/samples/plugin/build"
ln -sfn ../../../lib/dubkit/swift "$share/docs/swift"
cp LICENSE NOTICE ./*.md "$share"
cp benchmarks/*.md "$share/benchmarks"
# Earlier versions had a real folder here.
rm -rf "$prefix/share/doc/dubkit"
ln -s ../dubkit "$prefix/share/doc/dubkit"
if [ -d .build/share ]; then cp -R .build/share/. "$prefix/share"; fi
