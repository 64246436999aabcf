// The kernels of the kit, compiled once for each instruction set and chosen at run time.
//
// Swift calls them through the active table: `dk_active.pointee.swish(x, y, count)`. How to add one: README.md.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dk_arithmetic.h"
#include "dk_attention.h"
#include "dk_values.h"
#include "dk_nt_xent.h"
#include "dk_convolution.h"
#include "dk_elementwise.h"
#include "dk_layout.h"
#include "dk_limits.h"
#include "dk_normalization.h"
#include "dk_optimizer.h"
#include "dk_product.h"
#include "dk_random.h"
#include "dk_reduction.h"
#include "dk_rows.h"
#include "dk_spectrum.h"
#include "dk_tiles.h"
#include "dk_winograd.h"

#pragma clang assume_nonnull begin

// The properties of an instruction set by which the callers of its kernels cut work and reserve memory.
typedef struct dk_capabilities {
    const char *name;    // as the variable DUBKIT_ISA takes it
    long vector_floats;  // floats of one vector
    long block_rows;     // rows of a product that are whole register blocks, for any number of columns
    bool has_pair_products;  // multiplies pairs of bfloat16 values in one instruction
    bool has_tiles;          // multiplies tiles of such pairs in one instruction
    bool is_emulated;        // its instructions are emulated, for tests on processors that lack them
} dk_capabilities;

// One pointer for each kernel, all compiled for the same instruction set.
typedef struct dk_kernels {
    dk_capabilities capabilities;
    const char *_Nullable (*_Nonnull obstacle)(void);  // why it cannot be used here; null if it can
#define DK_FIELD(name, parameters) void(*name) parameters;
    DK_ARITHMETIC(DK_FIELD)
    DK_ATTENTION(DK_FIELD)
    DK_VALUES(DK_FIELD)
    DK_NT_XENT(DK_FIELD)
    DK_CONVOLUTION(DK_FIELD)
    DK_ELEMENTWISE(DK_FIELD)
    DK_LAYOUT(DK_FIELD)
    DK_LIMITS(DK_FIELD)
    DK_NORMALIZATION(DK_FIELD)
    DK_OPTIMIZER(DK_FIELD)
    DK_PRODUCT(DK_FIELD)
    DK_RANDOM(DK_FIELD)
    DK_REDUCTION(DK_FIELD)
    DK_ROWS(DK_FIELD)
    DK_SPECTRUM(DK_FIELD)
    DK_WINOGRAD(DK_FIELD)
#undef DK_FIELD
} dk_kernels;

// The table in use: the best that the processor has, or the one that the variable DUBKIT_ISA names.
extern const dk_kernels *dk_active __attribute__((swift_attr("nonisolated(unsafe)")));

// Switches all kernels to another instruction set. False, with nothing changed, if the name is unknown or there is an
// obstacle. For tests and comparisons: not to be called while a kernel runs.
bool dk_select(const char *name);

// All instruction sets, best first, then the emulated ones; null past the last.
const dk_kernels *_Nullable dk_set(int index);

#pragma clang assume_nonnull end
