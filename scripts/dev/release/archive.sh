#!/bin/sh
# archive.sh OUT: writes OUT/dubkit-VERSION-linux-MACHINE.tar.xz: the kit with all that it needs except Debian's own
# libraries. The same sources and toolchain give the same bytes.
set -eu
mkdir -p "$1"
out=$(readlink -f "$1")
cd "$(dirname "$0")/../../.."
version=$(.build/release/dubkit --version | awk '{print $2; exit}')
name=dubkit-$version-linux-$(uname -m)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sh scripts/dev/release/stage.sh "$work/$name"
cp scripts/dev/release/INSTALL.md "$work/$name"
sh scripts/dev/release/packages.sh "$work/$name" >"$work/packages"
# Names alone, as apt-get takes them: one per line.
sed -n 's/^Depends: //p' "$work/packages" | tr ',' '\n' | sed 's/^ *//; s/[ |(].*//' | sort -u >"$work/$name/packages.txt"
for wheel in .build/python/*.whl; do
    if [ -e "$wheel" ]; then mkdir -p "$work/$name/share/dubkit/python" && cp "$wheel" "$work/$name/share/dubkit/python"; fi
done
stamp=$(git log -1 --format=%ct 2>/dev/null || date +%s)
tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$stamp" -cf - "$name" | xz -6 >"$out/$name.tar.xz"
(cd "$out" && sha256sum "$name.tar.xz" >"$name.tar.xz.sha256")
echo "$out/$name.tar.xz"
