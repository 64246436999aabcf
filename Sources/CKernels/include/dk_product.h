// Matrix products on rows in their order in memory, for tiles that fit the second-level cache.
#pragma once

#include "dk_values.h"

#define DK_PRODUCT(K)                                                                                                     \
    /* Puts b[depth x columns], whose element (k, j) is at b[k * depth_stride + j * column_stride], into the order that   \
       `product` reads: panels of up to 4 vectors of columns, zeros past the last column. Packs only rows first... */     \
    K(pack, (const float *b, long depth, long columns, long depth_stride, long column_stride, long first, long count,     \
             float *packed))                                                                                              \
    /* c[rows x columns] = a[rows x depth] b, or c += with `accumulate`; b as `pack` left it. */                          \
    K(product, (const float *a, long a_stride, const float *packed, float *c, long c_stride, long rows, long depth,       \
                long columns, bool accumulate))                                                                           \
    /* c[left x right] += a^T b for a[rows x left] and b[rows x right]: the gradient of a weight from one tile. The       \
       caller reads the next a_ahead and b_ahead rows behind the tile next (0 for scratch memory). */                     \
    K(outer_product, (const float *a, long a_stride, long a_ahead, const float *b, long b_stride, long b_ahead, float *c, \
                      long c_stride, long rows, long left, long right))                                                   \
    /* `pack` for `narrow_product`: the values rounded to bfloat16. `first` is even, and `count` is, too, unless the rows \
       end. The memory is as large as that of `pack`; where values are kept in pairs, half of it is used. */              \
    K(narrow_pack, (const float *b, long depth, long columns, long depth_stride, long column_stride, long first,          \
                    long count, float *packed))                                                                           \
    /* c = a b + added for both factors rounded to bfloat16; b as `narrow_pack` left it. `added` is c itself, one row for \
       all rows (with `added_stride` 0), or null. If c is bfloat16, the sums are rounded once, and `added` is not c.      \
       `scratch` of rows (depth + 1) floats, and of rows columns more if c is bfloat16. */                                \
    K(narrow_product, (dk_values a, long a_stride, const float *packed, const float *_Nullable added, long added_stride,  \
                       dk_values c, long c_stride, long rows, long depth, long columns, float *scratch))                  \
    /* `outer_product` of both factors rounded to bfloat16; `scratch` of (rows + 1) (left + right) floats. */             \
    K(narrow_outer_product, (dk_values a, long a_stride, dk_values b, long b_stride, float *c, long c_stride, long rows,  \
                             long left, long right, float *scratch))
