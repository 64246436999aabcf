// What the processor can do at most: loops that only compute or only move memory. For benchmarks and profiles.
#pragma once

// The floats that the loops of arithmetic compute on.
#define DK_PEAK_FLOATS 192
#define DK_TILE_PEAK_FLOATS 1024

#define DK_LIMITS(K)                                                                                   \
    /* x = x factor + summand for x[DK_PEAK_FLOATS], `rounds` times: 2 rounds DK_PEAK_FLOATS flops. */ \
    K(fma_peak, (float *x, float factor, float summand, long rounds))                                  \
    /* The same for x += the products of the pairs of bfloat16 values in left and right: 4 rounds      \
       DK_PEAK_FLOATS flops. Sets without an instruction for it do not reach their peak here. */       \
    K(pair_peak, (float *x, float left, float right, long rounds))                                     \
    /* The same for x[DK_TILE_PEAK_FLOATS] and 16 such pairs of products in each round: 64 rounds      \
       DK_TILE_PEAK_FLOATS flops. Sets without tiles do not reach their peak here. */                  \
    K(tile_peak, (float *x, float left, float right, long rounds))                                     \
    /* x = y + factor z (McCalpin's STREAM triad): 12 bytes per element. x is aligned to 64 bytes. */  \
    K(triad, (float *x, const float *y, const float *z, float factor, long count))
