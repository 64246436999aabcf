// Kernels that reduce many numbers to one, or many rows to one. Sums are kept in blocks, so that rounding grows slowly.
//
// Columns: `rows` rows, `row_step` elements apart, of `columns` each; one result for each column.
#pragma once

#define DK_REDUCTION(K)                                                                                          \
    K(sum, (const float *x, long count, double *result))                                                         \
    K(dot, (const float *x, const float *y, long count, double *result))                                         \
    K(largest, (const float *x, long count, float *result))                                                      \
    K(smallest, (const float *x, long count, float *result))                                                     \
    K(count_non_finite, (const float *x, long count, long *result))                                              \
    K(column_sum, (const float *x, long row_step, long rows, long columns, float *result))                       \
    K(column_dot, (const float *x, const float *y, long row_step, long rows, long columns, float *result))       \
    K(column_largest, (const float *x, long row_step, long rows, long columns, float *result))                   \
    K(column_smallest, (const float *x, long row_step, long rows, long columns, float *result))
