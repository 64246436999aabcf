#!/bin/sh
# deb.sh OUT: writes the Debian package OUT/dubkit_VERSION_ARCHITECTURE.deb.
set -eu
mkdir -p "$1"
out=$(readlink -f "$1")
cd "$(dirname "$0")/../../.."
version=$(.build/release/dubkit --version | awk '{print $2; exit}')
architecture=$(dpkg --print-architecture)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
sh scripts/dev/release/stage.sh "$root/usr"
# Debian's places: the documents are a folder, and copyright and changelog have set names there.
doc=$root/usr/share/doc/dubkit
rm "$doc"
mkdir "$doc"
cat NOTICE "$root/usr/share/dubkit/LICENSE.swift-runtime" >"$doc/copyright"
gzip -9nc CHANGELOG.md >"$doc/changelog.gz"
gzip -9nr "$root/usr/share/man"
find "$root" -type d -exec chmod 755 {} +
find "$root" -type f -exec chmod u=rwX,go=rX {} +
mkdir "$root/DEBIAN"
{
    echo "Package: dubkit"
    echo "Version: $version"
    echo "Architecture: $architecture"
    echo "Maintainer: The dubkit authors"
    echo "Section: science"
    echo "Priority: optional"
    echo "Installed-Size: $(du -sk --apparent-size "$root/usr" | cut -f 1)"
    sh scripts/dev/release/packages.sh "$root/usr"
    echo "Description: audio and audiovisual representation learning from films and their dubs"
    echo " A research kit whose training recipes are Lua scripts that compose native encoders,"
    echo " losses and samplers: cross-modal SimCLR on films and their dubbed sound tracks, probes,"
    echo " studies and reports. It runs on processors and needs neither Python nor a GPU."
} >"$root/DEBIAN/control"
(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
find "$root" -exec touch -h -d "@$(git log -1 --format=%ct 2>/dev/null || date +%s)" {} +
dpkg-deb --root-owner-group -Zxz --build "$root" "$out/dubkit_${version}_$architecture.deb" >/dev/null
echo "$out/dubkit_${version}_$architecture.deb"
