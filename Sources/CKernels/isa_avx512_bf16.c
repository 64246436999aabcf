// AVX-512 with products of pairs of bfloat16 values: AMD's servers since Zen 4, Intel's since Cooper Lake.
#if defined(__x86_64__)
#include <immintrin.h>

#include "isa.h"

#define ISA avx512_bf16
#define WIDTH 16
#define REGISTERS 32

static bool is_supported(void) {
    __builtin_cpu_init();
    return dk_kernels_avx512.is_supported() && __builtin_cpu_supports("avx512bf16");
}

#pragma clang attribute push(__attribute__((target("avx512bf16,avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), \
                             apply_to = function)
#include "kernels/vector.inc"
#include "kernels/avx512.inc"

#define HAS_NARROWING
INLINE halves narrowed_to_halves(vec x) { return (halves)_mm512_cvtneps_pbh((__m512)x); }

#define HAS_PAIR_PRODUCTS
INLINE vec add_pair_products(vec sum, vec a, vec b) {
    return (vec)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
}

#include "kernels/table.inc"
#pragma clang attribute pop
#endif
