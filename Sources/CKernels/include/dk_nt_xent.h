// The inner loops of NT-Xent, on one tile of similarities: `rows` rows, `step` floats apart.
#pragma once

#define DK_NT_XENT(K)                                                                                                \
    /* For each row, the running maximum and the running sum of exp(similarity - maximum). */                         \
    K(nt_xent_rows, (const float *tile, long step, long rows, long columns, float *maximum, float *sum))             \
    /* The same for each column. */                                                                                   \
    K(nt_xent_columns, (const float *tile, long step, long rows, long columns, float *maximum, float *sum))          \
    /* In place: exp(similarity - row_shift[row]) + exp(similarity - column_shift[column]). */                        \
    K(nt_xent_weights,                                                                                               \
      (float *tile, long step, long rows, long columns, const float *row_shift, const float *column_shift))
