// The inner loops of attention, on one tile of scores: `rows` queries, `step` floats apart, with `columns` keys each.
#pragma once

#define DK_ATTENTION(K)                                                                                                \
    /* For each row: the running maximum of the scores; in place exp(score - maximum); their running sum. factor[row] is \
       what earlier weights and sums were multiplied by: exp(maximum before - maximum now). */                          \
    K(attention_weights,                                                                                               \
      (float *tile, long step, long rows, long columns, float *maximum, float *sum, float *factor))                    \
    /* In place: the weights p = exp(score - shift[row]), and the gradient of the scores, p (gradient - mean[row]), for \
       the gradient of the weights in a tile of the same form. */                                                      \
    K(attention_gradient,                                                                                              \
      (float *tile, float *gradient, long step, long rows, long columns, const float *shift, const float *mean))
