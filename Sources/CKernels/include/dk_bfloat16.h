// bfloat16, the upper half of a float32. It halves the memory of activations that are kept until backward.
#pragma once

#define DK_BFLOAT16(K)                                                                                              \
    /* y = x rounded to the nearest, ties to even; NaN stays NaN. 6 bytes per element. */                           \
    K(narrow_to_bfloat16, (const float *x, uint16_t *y, long count))                                                \
    /* The same for rows of channels, but to the other neighbour where rounding would turn x factor + offset, which \
       a ReLU follows, from positive to not or back: its gradient would jump. */                                    \
    K(narrow_keeping_signs,                                                                                         \
      (const float *x, const float *factor, const float *offset, long channels, long rows, uint16_t *y))            \
    /* y = x, exactly. 6 bytes per element. */                                                                      \
    K(widen_bfloat16, (const uint16_t *x, float *y, long count))
