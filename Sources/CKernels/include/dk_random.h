// Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3") on many counters at once.
#pragma once

#define DK_RANDOM(K)                                                                                                \
    /* The 32-bit words of the counters first, first + 1, ...: four words each, the last one's in part. */          \
    K(random_words, (uint32_t *words, long count, uint64_t key, uint64_t first))                                    \
    /* y = mean + deviation x, x normal: one of each 64-bit number (Box and Muller 1958, on its two halves), to a      \
       relative 1e-7 what `RandomStream.normal` gives. */                                                           \
    K(normal_numbers, (const uint64_t *numbers, float mean, float deviation, float *y, long count))                 \
    /* y = x scale where the element's word is at least `threshold`, else 0. */                                     \
    K(dropout, (const float *x, float *y, long count, uint32_t threshold, float scale, uint64_t key, uint64_t first))
