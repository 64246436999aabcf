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
// AVX2 has no masked loads of 16 bits. The number of lanes stays the same in a loop, so the switch is predicted.
INLINE int lanes_in(tail mask) { return __builtin_popcount((unsigned)_mm256_movemask_ps((__m256)mask)); }
static halves load_some_halves(const uint16_t *p, int count) {
    halves v = {};
    switch (count) {
    case 8: return load_halves(p);
    case 7: v[6] = p[6];
    case 6: v[5] = p[5];
    case 5: v[4] = p[4];
    case 4: v[3] = p[3];
    case 3: v[2] = p[2];
    case 2: v[1] = p[1];
    case 1: v[0] = p[0];
    }
    return v;
}
static void store_some_halves(uint16_t *p, int count, halves v) {
    switch (count) {
    case 8: store_halves(p, v); break;
    case 7: p[6] = v[6];
    case 6: p[5] = v[5];
    case 5: p[4] = v[4];
    case 4: p[3] = v[3];
    case 3: p[2] = v[2];
    case 2: p[1] = v[1];
    case 1: p[0] = v[0];
    }
}
INLINE halves load_halves_tail(const uint16_t *p, tail mask) { return load_some_halves(p, lanes_in(mask)); }
INLINE void store_halves_tail(uint16_t *p, tail mask, halves v) { store_some_halves(p, lanes_in(mask), v); }

#include "kernels/table.inc"
#pragma clang attribute pop
#endif
