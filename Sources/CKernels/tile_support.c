// Why a tile unit cannot be used. Apart from isa_amx_bf16.c, so that it can be tested where there is none.
#include <errno.h>
#include <stddef.h>

#include "dk_tiles.h"

const char *dk_tile_obstacle(const dk_tile_support *support) {
    if (!support->has_tiles) return "the processor lacks amx_tile";
    if (!support->has_bfloat16) return "the processor lacks amx_bf16";
    if (!support->fits_palette) return "the processor's tiles have other shapes than 16 rows of 64 bytes";
    if (!support->is_enabled) return "the operating system does not enable tiles";
    switch (support->refusal) {
    case 0: return NULL;
    case ENOSPC: return "Linux refused the permission for tiles: a signal stack is too small for them";
    case EINVAL: return "Linux refused the permission for tiles: it is older than 5.16";
    case EOPNOTSUPP: return "Linux refused the permission for tiles: it does not support them on this machine";
    default: return "Linux refused the permission for tiles";
    }
}
