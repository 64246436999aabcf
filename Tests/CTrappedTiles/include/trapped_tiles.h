// Runs machine code with AMX's tile instructions on processors that lack them: each of them is an illegal instruction there,
// whose signal is answered by the emulation of CKernels.
#pragma once

#include <stdbool.h>

#pragma clang assume_nonnull begin

// From now on, all threads execute the tile instructions by emulation. False, with nothing changed, on other architectures
// than x86-64.
bool trap_tiles(void);
// The end of it. The number of instructions that were emulated.
long release_trap(void);

#pragma clang assume_nonnull end
