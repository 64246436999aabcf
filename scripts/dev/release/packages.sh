#!/bin/sh
# packages.sh PREFIX: prints the Debian packages that a staged kit needs, as "Depends: ..." and "Recommends: ...".
# The libraries that the program links are found by dpkg-shlibdeps, which knows the versions; those that it opens by name at
# their first use, by their names in the program.
set -eu
case $1 in /*) prefix=$1 ;; *) prefix=$PWD/$1 ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/debian"
printf 'Source: dubkit\n\nPackage: dubkit\nArchitecture: any\n' >"$work/debian/control"
linked=$(cd "$work" && dpkg-shlibdeps -O -l"$prefix/lib/dubkit/runtime" \
    "$prefix/bin/dubkit" "$prefix"/lib/dubkit/runtime/*.so 2>"$work/log" | sed 's/^shlibs:Depends=//') ||
    { cat "$work/log" >&2; exit 1; }

package_of() {
    file=$(/sbin/ldconfig -p | awk -v name="$1" '$1 == name {print $NF; exit}')
    [ -n "$file" ] || { echo "$1, which the program opens, is not installed here" >&2; exit 1; }
    dpkg-query -S "$(readlink -f "$file")" | sed 's/:.*//'
}
opened=$(strings -a "$prefix/bin/dubkit" | grep -xE 'lib[a-z0-9_]+\.so\.[0-9]+' | sort -u)
already=$(readelf -d "$prefix/bin/dubkit" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p')
required=""
for name in $opened; do
    case " $(echo $already) " in *" $name "*) continue ;; esac
    case $name in libmpi.* | libavfilter.*) continue ;; esac
    required="$required, $(package_of "$name")"
done
echo "Depends: $linked$required"
# Only trainings on several processes open Open MPI, and only dubbing opens libavfilter; mpirun comes with openmpi-bin.
filters=$(echo "$opened" | grep '^libavfilter\.')
echo "Recommends: openmpi-bin, $(package_of "$filters"), espeak-ng"
