// The tile kernels of amx_bf16 in plain C, for tests on any processor.
#include "isa.h"

#define ISA amx_bf16_emulated
#define BASE baseline
#define IS_EMULATED true
#define WIDTH 16
#define REGISTERS 32

static const char *obstacle(void) { return NULL; }

// Vectors of 16 floats are slow here in any case, and unrolled loops over them would be a megabyte of code.
#pragma clang attribute push(__attribute__((minsize)), apply_to = function)
#include "kernels/vector.inc"

#define HAS_TILES
#define tile_configure(palette) dk_emulated_configure(palette)
#define tile_release() dk_emulated_release()
#define tile_zero(tile) dk_emulated_zero(tile)
#define tile_load(tile, rows, stride) dk_emulated_load(tile, rows, stride)
#define tile_store(tile, rows, stride) dk_emulated_store(tile, rows, stride)
#define tile_multiply(sums, left, right) dk_emulated_multiply(sums, left, right)

#include "kernels/tile_kernels.inc"
#pragma clang attribute pop

#include "kernels/tile_table.inc"
