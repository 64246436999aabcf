// AVX2 with FMA: most x86-64 processors since 2013.
#if defined(__x86_64__)
#include <immintrin.h>

#include "isa.h"

#define ISA avx2
#define WIDTH 8
#define REGISTERS 16

static const char *obstacle(void) {
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2")) return "the processor lacks avx2";
    if (!__builtin_cpu_supports("fma")) return "the processor lacks fma";
    return NULL;
}

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "kernels/vector.inc"

#define HAS_MASKS
typedef ivec tail;
INLINE tail tail_of(long count) { return (ivec){0, 1, 2, 3, 4, 5, 6, 7} < (ivec){} + (int)count; }
INLINE vec load_tail(const float *p, tail mask) { return (vec)_mm256_maskload_ps(p, (__m256i)mask); }
INLINE void store_tail(float *p, tail mask, vec v) { _mm256_maskstore_ps(p, (__m256i)mask, (__m256)v); }

#include "kernels/table.inc"
#pragma clang attribute pop
#endif
