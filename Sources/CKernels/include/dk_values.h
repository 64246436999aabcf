// The values of a tensor in memory: float32, or bfloat16 (the upper half of a float32) in half the space.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

typedef struct dk_values {
    void *at;         // floats, or 16-bit integers
    bool are_narrow;  // bfloat16
} dk_values;

#pragma clang assume_nonnull end

#define DK_VALUES(K)                                                                                        \
    /* y = x rounded to the nearest, ties to even; NaN stays NaN. Some instruction sets make zeros of what  \
       is below 2^-126. 6 bytes per element. */                                                             \
    K(narrow_to_bfloat16, (const float *x, uint16_t *y, long count))                                        \
    /* y = x, exactly. 6 bytes per element. */                                                              \
    K(widen_bfloat16, (const uint16_t *x, float *y, long count))
