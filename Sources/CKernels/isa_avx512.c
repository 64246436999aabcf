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

#define HAS_MASKS
typedef __mmask16 tail;
INLINE tail tail_of(long count) { return (__mmask16)((1u << count) - 1); }
INLINE vec load_tail(const float *p, tail mask) { return (vec)_mm512_maskz_loadu_ps(mask, p); }
INLINE void store_tail(float *p, tail mask, vec v) { _mm512_mask_storeu_ps(p, mask, (__m512)v); }

#define HAS_SCALING
typedef struct whole {
    vec number;
} whole;
INLINE whole whole_of(vec x) {
    return (whole){(vec)_mm512_roundscale_ps((__m512)x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}
INLINE vec scaled_by(vec x, whole n) { return (vec)_mm512_scalef_ps((__m512)x, (__m512)n.number); }

#define HAS_RECIPROCAL
INLINE vec reciprocal_of(vec x) {
    vec guess = (vec)_mm512_rcp14_ps((__m512)x);  // 14 bits; the division takes three times as long as all this
    return guess + guess * (1.0f - x * guess);
}

#include "kernels/table.inc"
#pragma clang attribute pop
#endif
