// AVX-512 with products of pairs of bfloat16 values: AMD's servers since Zen 4, Intel's since Cooper Lake.
#if defined(__x86_64__)
#include <immintrin.h>

#include "isa.h"

#define ISA avx512_bf16
#define WIDTH 16
#define REGISTERS 32

static const char *obstacle(void) {
    __builtin_cpu_init();
    if (dk_kernels_avx512.obstacle()) return dk_kernels_avx512.obstacle();
    if (!__builtin_cpu_supports("avx512bf16")) return "the processor lacks avx512_bf16";
    return NULL;
}

#pragma clang attribute push(__attribute__((target("avx512bf16,avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), \
                             apply_to = function)
#include "kernels/vector.inc"
#include "kernels/avx512.inc"
#include "kernels/avx512_bf16.inc"
#include "kernels/table.inc"
#pragma clang attribute pop
#endif
