// The instructions that every processor of the architecture has: SSE2 on x86-64, NEON on arm64.
#include "isa.h"

#define ISA baseline
#define WIDTH 4
#define REGISTERS 16  // NEON has 32; blocks that use them have not been measured.

static const char *obstacle(void) { return NULL; }

#include "kernels/vector.inc"
#include "kernels/table.inc"
