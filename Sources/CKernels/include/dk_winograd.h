// Winograd's minimal filtering for kernels of 3 taps along one or two axes, without strides: F(2, 3), F(2 x 2, 3 x 3).
//
// Two outputs along an axis need 4 products instead of 6. With the matrices of Lavin and Gray (2016), whose entries are 0,
// 1 and 1/2 and so cost little precision, per axis
//     y = A^T [(G g) (B^T d)]      of the input d (4 values), the kernel g (3) and the outputs y (2), and
//     dg = G^T [(A dy) (B^T d)]    for the gradient of the kernel.
// The products in brackets are taken at `points`, 4 along an axis of 3 taps and 1 along an axis of one; at each point they
// are a matrix product over the channels. Memory between the steps is [points][tiles][channels].
#pragma once

#pragma clang assume_nonnull begin

// One axis of the tiles. An axis of one tap has one point, one output and no padding.
typedef struct dk_winograd_axis {
    long tiles;          // each of 2 outputs (1 with one tap), the last may be cut
    long source, grid;   // extents of what is read and of the outputs
    long step;           // positions of the tensor between neighbours along the axis, in the source
    long grid_step;      // and among the outputs
    long padding, taps;  // taps: 3 or 1
} dk_winograd_axis;

typedef struct dk_winograd {
    dk_winograd_axis outer, inner;
    // The planes over which the tiles repeat: batch and, inside it, the axis that is not tiled.
    long planes;
    long plane_step, grid_plane_step, sample_step, grid_sample_step;
} dk_winograd;

static inline long dk_winograd_points(const dk_winograd *w) {
    return (w->outer.taps == 3 ? 4 : 1) * (w->inner.taps == 3 ? 4 : 1);
}

#pragma clang assume_nonnull end

#define DK_WINOGRAD(K)                                                                                                     \
    /* B^T d for `tiles` tiles from `first`, of a tensor with `channels` channels or of its map, whose activation is ReLU  \
       or none. 32 flops, 64 to 128 bytes a value. */                                                                      \
    K(winograd_input, (const dk_winograd *shape, const float *x, const dk_channel_map *_Nullable map, long channels,       \
                       long first, long tiles, float *result))                                                             \
    /* A dy, the gradient of the outputs, in the same form. */                                                             \
    K(winograd_output_gradient,                                                                                            \
      (const dk_winograd *shape, const float *dy, long channels, long first, long tiles, float *result))                   \
    /* y = A^T m. */                                                                                                       \
    K(winograd_output, (const dk_winograd *shape, const float *products, long channels, long first, long tiles, float *y)) \
    /* G g for weights [rows][taps][columns], to [points][rows][columns]; `mirrored` reverses the taps. */                 \
    K(winograd_weight, (const dk_winograd *shape, const float *weights, long first_row, long rows, long all_rows,          \
                        long columns, bool mirrored, float *result))                                                       \
    /* G^T s for sums [points][rows][columns], to [rows][taps][columns]. */                                                \
    K(winograd_weight_gradient, (const dk_winograd *shape, const float *sums, long first_row, long rows, long all_rows,    \
                                 long columns, float *gradient))
