// The one place where the table is chosen.
#include <stdlib.h>
#include <string.h>

#include "isa.h"

const dk_kernels *dk_active = &dk_kernels_baseline;

static const dk_kernels *const tables[] = {
#define DK_ADDRESS(name, constant) &dk_kernels_##name,
    DK_INSTRUCTION_SETS(DK_ADDRESS)
#undef DK_ADDRESS
};
enum { TABLE_COUNT = sizeof tables / sizeof *tables };

const dk_kernels *dk_set(int index) { return index < TABLE_COUNT ? tables[index] : NULL; }

bool dk_select(const char *name) {
    for (int i = 0; i < TABLE_COUNT; i++) {
        if (strcmp(tables[i]->capabilities.name, name) == 0 && !tables[i]->obstacle()) {
            dk_active = tables[i];
            return true;
        }
    }
    return false;
}

// After those that fill tables.
__attribute__((constructor)) static void select_at_start(void) {
    const char *requested = getenv("DUBKIT_ISA");
    // A wrong name is reported by InstructionSet.checkEnvironment, where an error can be thrown.
    if (requested && dk_select(requested)) return;
    int best = 0;
    while (tables[best]->obstacle()) best++;  // The baseline, which comes before all emulated sets, has none.
    dk_active = tables[best];
}
