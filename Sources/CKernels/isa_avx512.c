// AVX-512 with the parts that all of its servers have (F, DQ, BW, VL).
#if defined(__x86_64__)
#include <immintrin.h>

#include "isa.h"

#define ISA avx512
#define WIDTH 16
#define REGISTERS 32

static bool is_supported(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma");
}

#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), apply_to = function)
#include "kernels/vector.inc"
#include "kernels/avx512.inc"
#include "kernels/table.inc"
#pragma clang attribute pop
#endif
