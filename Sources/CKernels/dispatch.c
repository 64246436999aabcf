// The one place where the table is chosen.
#include <stdlib.h>
#include <string.h>

#include "isa.h"

const dk_kernels *dk_active = &dk_kernels_baseline;

// Best first.
static const dk_kernels *const tables[] = {
#define DK_ADDRESS(name) &dk_kernels_##name,
    DK_INSTRUCTION_SETS(DK_ADDRESS)
#undef DK_ADDRESS
};
enum { TABLE_COUNT = sizeof tables / sizeof *tables };

const char *dk_available(int index) {
    for (int i = 0; i < TABLE_COUNT; i++)
        if (tables[i]->is_supported() && index-- == 0) return tables[i]->capabilities.name;
    return NULL;
}

bool dk_select(const char *name) {
    for (int i = 0; i < TABLE_COUNT; i++) {
        if (strcmp(tables[i]->capabilities.name, name) == 0 && tables[i]->is_supported()) {
            dk_active = tables[i];
            return true;
        }
    }
    return false;
}

__attribute__((constructor)) static void select_at_start(void) {
    const char *requested = getenv("DUBKIT_ISA");
    // A wrong name is reported by InstructionSet.checkEnvironment, where an error can be thrown.
    if (requested && dk_select(requested)) return;
    dk_select(dk_available(0));
}
