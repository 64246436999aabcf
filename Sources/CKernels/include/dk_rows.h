// Kernels that treat each of `rows` contiguous rows of `columns` elements as one vector: softmax and the normalisations.
//
// A result may be one of the inputs in place, unless a comment says otherwise.
#pragma once

#define DK_ROWS(K)                                                                                                   \
    K(softmax, (const float *x, float *y, long rows, long columns))                                                  \
    K(softmax_gradient, (const float *y, const float *gradient, float *result, long rows, long columns))             \
    K(log_softmax, (const float *x, float *y, long rows, long columns))                                              \
    K(log_softmax_gradient, (const float *y, const float *gradient, float *result, long rows, long columns))         \
    /* y[row] = ln sum exp x[row, :]; its gradient is exp(x - y) gradient[row]. */                                   \
    K(log_sum_exp, (const float *x, float *y, long rows, long columns))                                              \
    K(log_sum_exp_gradient,                                                                                          \
      (const float *x, const float *y, const float *gradient, float *result, long rows, long columns))               \
    /* y = x / norm[row], where norm[row] = max(|x[row, :]|, epsilon). */                                            \
    K(l2_normalize, (const float *x, float *y, float *norm, float epsilon, long rows, long columns))                 \
    K(l2_normalize_gradient,                                                                                         \
      (const float *y, const float *norm, const float *gradient, float *result, float epsilon, long rows,            \
       long columns))                                                                                                \
    /* y = (x - mean) scale weight + bias, scale = 1 / sqrt(variance + epsilon); mean and scale are kept by row. */  \
    K(layer_norm,                                                                                                    \
      (const float *x, const float *weight, const float *bias, float *y, float *mean, float *scale, float epsilon,   \
       long rows, long columns))                                                                                     \
    /* Also adds the sums over these rows to those for weight and bias. Not in place. */                             \
    K(layer_norm_gradient,                                                                                           \
      (const float *x, const float *weight, const float *mean, const float *scale, const float *gradient,            \
       float *result, float *weight_gradient, float *bias_gradient, long rows, long columns))
