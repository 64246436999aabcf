// Convolutions and pooling: their windows, and the kernels that read through them. Tensors are channels-last.
#pragma once

#include "dk_normalization.h"

#pragma clang assume_nonnull begin

// One axis of a window. Tap k of grid position i reads source position (i * stride - padding + k) / spread, and zero if
// that is outside or not a whole number. A convolution has spread 1. The gradient of its input is a convolution of the
// gradient of its output with the kernel mirrored: stride and spread change places, and the padding is kernel - 1 -
// padding.
typedef struct dk_axis {
    long grid;    // positions that are computed
    long source;  // positions of the tensor that is read
    long kernel, stride, spread, padding;
} dk_axis;

typedef struct dk_window {
    dk_axis time, height, width;
} dk_window;

// A tile of a depthwise convolution: some channels and some rows of one sample, over its whole time axis.
typedef struct dk_depthwise_tile {
    dk_window window;
    long channels;  // of the tensors
    long first_channel, channel_count;
    long sample;
    long first_row, row_count;  // rows of the grid
} dk_depthwise_tile;

// Channels are padded to this many floats in a tile's scratch memory, whatever the instruction set.
#define DK_CHANNEL_ALIGNMENT 16

// The floats of scratch memory that a tile needs.
static inline long dk_depthwise_scratch(const dk_depthwise_tile *tile) {
    const dk_window *w = &tile->window;
    long channels = (tile->channel_count + DK_CHANNEL_ALIGNMENT - 1) / DK_CHANNEL_ALIGNMENT * DK_CHANNEL_ALIGNMENT;
    long rows = (tile->row_count - 1) * w->height.stride + w->height.kernel;
    long columns = (w->width.grid - 1) * w->width.stride + w->width.kernel;
    long taps = w->time.kernel * w->height.kernel * w->width.kernel;
    return (w->time.kernel * rows * columns + taps) * channels;
}

#pragma clang assume_nonnull end

#define DK_CONVOLUTION(K)                                                                                                    \
    /* Rows first_row... of the implicit matrix of a convolution: for each position of the grid (counted over samples, time, \
       height, width) the `channels` values at each of its taps first_tap..., from a source with source_stride channels. */  \
    K(gather, (const dk_window *window, dk_values source, long source_stride, long channels, long first_row, long rows,      \
               long first_tap, long taps, dk_values result))                                                                 \
    /* y = the convolution of x, or of its map, with weights[channels][taps], plus bias; `mirrored` reverses the taps. */    \
    K(depthwise, (const dk_depthwise_tile *tile, dk_values x, const dk_channel_map *_Nullable map,                           \
                  const float *weights, bool mirrored, const float *_Nullable bias, dk_values y, float *scratch))            \
    /* gradient[channel_count][taps] = what this tile adds to the gradient of the weights. */                                \
    K(depthwise_weights, (const dk_depthwise_tile *tile, dk_values x, const dk_channel_map *_Nullable map,                   \
                          dk_values y_gradient, float *gradient, float *scratch))                                            \
    /* The largest value under each window and the tap that holds it, for rows first_row... of the grid. */                  \
    K(max_pool, (const dk_window *window, const float *x, long channels, long first_row, long rows, float *y,                \
                 uint8_t *taps))                                                                                             \
    /* `window` is the gradient's, whose grid is the pool's input. */                                                         \
    K(max_pool_gradient, (const dk_window *window, const float *y_gradient, const uint8_t *taps, long channels,              \
                          long first_row, long rows, float *x_gradient))                                                     \
    /* The sum under each window times `scale`; with the gradient's window, the gradient. */                                 \
    K(sum_pool, (const dk_window *window, const float *x, long channels, long first_row, long rows, float scale, float *y))
