#!/bin/sh
# check-layers.sh: fails if a source file imports against the arrows that Package.swift draws.
set -eu
cd "$(dirname "$0")/../.."
faults=0

# may FOLDER MODULE...: the project's own modules that files below FOLDER may import.
may() {
    folder=$1
    shift
    allowed=" $* "
    for module in $(grep -rhoE '^(@_exported |@testable )?import (struct |class |enum |func )?(Kit[A-Za-z]*|C[A-Z][A-Za-z]*|LuaBridge|Plugins)' \
        --include='*.swift' "$folder" | sed -E 's/.* //' | sort -u); do
        case "$allowed" in
        *" $module "*) ;;
        *)
            echo "against the layers: $module is imported in"
            grep -rlE "import (struct |class |enum |func )?$module\$" --include='*.swift' "$folder" | sed 's/^/  /'
            faults=1
            ;;
        esac
    done
}

may Sources/Kit/Core CRegistry
may Sources/Kit/Tensor KitCore CKernels COpenBLAS
may Sources/Kit/Model KitCore KitTensor CKernels
may Sources/Kit/Media KitCore CKernels CAV CSndfile CFFTW
may Sources/Kit/Data KitCore KitTensor KitMedia
may Sources/Kit/Lab KitCore KitTensor KitModel KitMedia KitData CAV
may Sources/Kit/Umbrella KitCore KitTensor KitModel KitMedia KitData KitLab
may Sources/LuaBridge Kit KitCore CLua CLuaShim CEdit
may Sources/Plugins Kit
may Sources/dubkit Kit LuaBridge Plugins
exit $faults
