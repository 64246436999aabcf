#!/bin/sh
# install.sh PREFIX: installs the built kit: bin/dubkit, lib/dubkit (what plugins are built against), share/dubkit with the
# recipes and the samples, share/doc/dubkit with the guides and the reference, and the manual pages and shell completions
# if they were made.
set -eu
case $1 in /*) prefix=$1 ;; *) prefix=$PWD/$1 ;; esac
cd "$(dirname "$0")/../.."
mkdir -p "$prefix/bin" "$prefix/lib" "$prefix/share/doc/dubkit" "$prefix/share/dubkit/scripts"
sh scripts/dev/stage-plugin-kit.sh "$prefix/lib/dubkit"
cp .build/release/dubkit "$prefix/bin/dubkit.new"
mv "$prefix/bin/dubkit.new" "$prefix/bin/dubkit"
for part in scripts/*; do
    [ "$part" = scripts/dev ] || cp -R "$part" "$prefix/share/dubkit/scripts"
done
cp -R samples "$prefix/share/dubkit"
cp LICENSE NOTICE README.md "$prefix/share/doc/dubkit"
for part in guide reference; do
    mkdir -p "$prefix/share/doc/dubkit/docs/$part"
    cp docs/$part/* "$prefix/share/doc/dubkit/docs/$part"
done
if [ -d .build/share ]; then cp -R .build/share/. "$prefix/share"; fi
