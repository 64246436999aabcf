// The instruction sets. Each has one file, isa_<name>.c, which compiles kernels for it; no other file names a set.
#pragma once
#include "dk_kernels.h"

// Best first, then those that are emulated: behind the baseline, which every processor has, they are not chosen by
// themselves. Tables that take kernels from another one are filled when the program starts; the others are constant.
#if defined(__x86_64__)
#define DK_INSTRUCTION_SETS(I) \
    I(amx_bf16, ) I(avx512_bf16, const) I(avx512, const) I(avx2, const) I(baseline, const) I(amx_bf16_emulated, )
#else
#define DK_INSTRUCTION_SETS(I) I(baseline, const) I(amx_bf16_emulated, )
#endif

#define DK_DECLARE(name, constant) extern constant dk_kernels dk_kernels_##name;
DK_INSTRUCTION_SETS(DK_DECLARE)
#undef DK_DECLARE
