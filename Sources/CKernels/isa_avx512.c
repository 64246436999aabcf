// AVX-512 with the parts that all of its servers have (F, DQ, BW, VL).
#if defined(__x86_64__)
#include <immintrin.h>

#include "isa.h"

#define ISA avx512
#define WIDTH 16
#define REGISTERS 32

static const char *obstacle(void) {
    __builtin_cpu_init();
    if (dk_kernels_avx2.obstacle()) return dk_kernels_avx2.obstacle();
    if (!__builtin_cpu_supports("avx512f")) return "the processor lacks avx512f";
    if (!__builtin_cpu_supports("avx512dq")) return "the processor lacks avx512dq";
    if (!__builtin_cpu_supports("avx512bw")) return "the processor lacks avx512bw";
    if (!__builtin_cpu_supports("avx512vl")) return "the processor lacks avx512vl";
    return NULL;
}

#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), apply_to = function)
#include "kernels/vector.inc"
#include "kernels/avx512.inc"
#include "kernels/table.inc"
#pragma clang attribute pop
#endif
