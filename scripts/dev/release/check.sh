#!/bin/sh
# check.sh FOLDER [MIRROR]: tries the archive and the Debian package in FOLDER on a clean Debian 12, which debootstrap makes
# from a mirror (the one that this system uses, by default) in a temporary folder. Needs root, for chroot.
set -eu
folder=$(readlink -f "$1")
cd "$(dirname "$0")/../../.."
mirror=${2:-$(grep -rhoE 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | head -n 1)}
work=$(mktemp -d)
root=$work/root
cleanup() {
    umount "${root}${toolchain:-/none}" 2>/dev/null || true
    umount "$root/proc" "$root/dev" 2>/dev/null || true
    rm -rf --one-file-system "$work"
}
trap cleanup EXIT
say() { echo "== $*"; }
inside() { chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
install() { inside apt-get install -y -q --no-install-recommends "$@" >"$work/apt.log" 2>&1 || { tail -n 20 "$work/apt.log"; exit 1; }; }
files() { find "$root" -xdev \( -path "$root/proc" -o -path "$root/dev" -o -path "$root/var/lib/dpkg" -o -path "$root/var/log" \
    -o -path "$root/var/cache" -o -path "$root/tmp" \) -prune -o -print | LC_ALL=C sort; }
# The same for both forms: facts, the first steps of the demo, a report, and that no toolchain is there.
try() {
    inside "$1" --version
    inside "$1" doctor >"$work/doctor" || { cat "$work/doctor"; exit 1; }
    inside sh -c "! command -v swiftc && ! test -e /opt/swift"
    inside sh -c "cd /tmp && rm -rf trial && mkdir trial && cd trial && cp -R $2/scripts $2/samples . &&
        $1 run scripts/pretrain/simclr_dub.lua --set steps=2 && $1 report runs/simclr_dub"
}

say "a clean Debian 12 from debootstrap"
debootstrap --variant=minbase bookworm "$root" "$mirror" >"$work/bootstrap.log" 2>&1 || { tail "$work/bootstrap.log"; exit 1; }
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
inside apt-get update -q >/dev/null

say "the Debian package"
package=$(ls "$folder"/dubkit_*.deb)
# The packages that it depends on are installed first, so that the files before and after can be compared.
# shellcheck disable=SC2046 # a list of packages
install $(dpkg-deb -f "$package" Depends | tr ',' '\n' | sed 's/^ *//; s/[ |(].*//')
files >"$work/before"
cp "$package" "$root/tmp/dubkit.deb"
inside dpkg -i /tmp/dubkit.deb >/dev/null
try dubkit /usr/share/dubkit
inside dpkg -r dubkit >/dev/null
rm -rf "$root/tmp/trial"
files >"$work/after"
diff "$work/before" "$work/after" || { echo "removing the package leaves or takes files"; exit 1; }

say "the archive"
inside apt-get install -y -q xz-utils >/dev/null 2>&1
archive=$(ls "$folder"/dubkit-*.tar.xz)
tar -C "$root/opt" -xf "$archive"
name=$(basename "$archive" .tar.xz)
# shellcheck disable=SC2046 # a list of packages
install $(cat "$root/opt/$name/packages.txt")
try "/opt/$name/bin/dubkit" "/opt/$name/share/dubkit"

say "a plugin in Swift, with the toolchain"
# What swift.org names for Debian 12, and the headers that the kit's modules include.
# shellcheck disable=SC2046 # a list of packages
install binutils libc6-dev libgcc-12-dev libstdc++-12-dev libncurses6 libxml2 libz3-4 libsqlite3-0 libcurl4 \
    $(awk '$2 == "build" {print $1}' scripts/dev/packages.txt)
toolchain=$(dirname "$(dirname "$(dirname "$(readlink -f "$(command -v swiftc)")")")")
mkdir -p "$root$toolchain"
mount --bind "$toolchain" "$root$toolchain"
inside env PATH="$toolchain/usr/bin:/usr/bin:/bin" sh -c "cd /tmp && /opt/$name/bin/dubkit plugin new loss soft_cosine &&
    /opt/$name/bin/dubkit plugin test soft_cosine"
umount "$root$toolchain"
say "both work on a clean Debian 12"
