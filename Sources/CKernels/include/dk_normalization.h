// Batch norm and other work per channel on rows[rows x channels]. Vectors with one value per channel are [channels].
#pragma once

#include "dk_values.h"

enum { DK_ACTIVATION_NONE = 0, DK_ACTIVATION_RELU = 1, DK_ACTIVATION_SWISH = 2 };

#pragma clang assume_nonnull begin

// f(x * factor + offset), with one factor and one offset per channel.
typedef struct dk_channel_map {
    const float *factor, *offset;
    int activation;
} dk_channel_map;

// The values that backward needs of one batch norm, one per channel each. The forward pass was y = f(x * scale + shift [+
// residual]).
typedef struct dk_normalization {
    const float *scale, *shift;
    const float *mean;
    // dx = gradient_factor * g + deviation_factor * (x - mean) + constant, where g = dy f'.
    const float *gradient_factor, *deviation_factor, *constant;
} dk_normalization;

#pragma clang assume_nonnull end

// The tensors of one call have the same type of values.
#define DK_NORMALIZATION(K)                                                                                                  \
    /* sums[channels] = the sum of each column. */                                                                           \
    K(column_sums, (dk_values x, long channels, long rows, float *sums))                                                     \
    /* sums[2][channels] = the sums of x - center and of (x - center)^2. */                                                  \
    K(moments, (dk_values x, const float *center, long channels, long rows, float *sums))                                    \
    /* y = f(x * scale + shift + residual). */                                                                               \
    K(normalize, (dk_values x, const dk_values *_Nullable residual, const float *scale, const float *shift, int activation,  \
                  long channels, long rows, dk_values y))                                                                    \
    /* sums[2][channels] = the sums of g and of g (x - mean). f' is found from y where that is given (ReLU), else from x. */ \
    K(normalize_gradient_sums, (const dk_normalization *norm, dk_values x, const dk_values *_Nullable y,                     \
                                dk_values y_gradient, int activation, long channels, long rows, float *sums))                \
    /* The gradients of x and, if asked for, of the residual, which is g. Either may be y_gradient's memory. */              \
    K(normalize_gradient, (const dk_normalization *norm, dk_values x, const dk_values *_Nullable y, dk_values y_gradient,    \
                           int activation, long channels, long rows, dk_values x_gradient,                                   \
                           const dk_values *_Nullable residual_gradient))                                                    \
    /* Of swish(z * gate), where z is x or, if they are given, x * factor + offset: z_gradient (may be y_gradient's memory), \
       and sums[channels] = what these rows add to the gate's gradient. */                                                   \
    K(gated_swish_gradient, (dk_values x, const float *_Nullable factor, const float *_Nullable offset, const float *gate,   \
                             dk_values y_gradient, long channels, long rows, dk_values z_gradient, float *sums))
