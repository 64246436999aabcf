// The instruction sets. Each has one file, isa_<name>.c, which compiles every kernel for it; no other file names a set.
#pragma once
#include "dk_kernels.h"

// Best first.
#if defined(__x86_64__)
#define DK_INSTRUCTION_SETS(I) I(avx512_bf16) I(avx512) I(avx2) I(baseline)
#else
#define DK_INSTRUCTION_SETS(I) I(baseline)
#endif

#define DK_DECLARE(name) extern const dk_kernels dk_kernels_##name;
DK_INSTRUCTION_SETS(DK_DECLARE)
#undef DK_DECLARE
