// The tile unit of Intel's AMX: how it is configured, why it may not be usable, and an emulation of it for tests.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// What `ldtilecfg` reads: the shapes of the eight tiles, in the processor's palette 1.
typedef struct dk_tile_palette {
    uint8_t palette;         // 1; 0 is the state after `tilerelease`
    uint8_t start_row;       // where an interrupted load continues; 0
    uint8_t zeros[14];       // reserved
    uint16_t row_bytes[16];  // at most 64; 0 past the eighth tile
    uint8_t rows[16];        // at most 16; 0 past the eighth tile
} dk_tile_palette;
_Static_assert(sizeof(dk_tile_palette) == 64, "the size that ldtilecfg reads");

// What a machine says about its tile unit.
typedef struct dk_tile_support {
    bool has_tiles;     // the processor's amx_tile
    bool has_bfloat16;  // the processor's amx_bf16
    bool fits_palette;  // eight tiles of 16 rows of 64 bytes
    bool is_enabled;    // the operating system saves tiles when it switches threads
    int refusal;        // the error with which Linux refused this process the use of tiles; 0 if it allowed it
} dk_tile_support;

// Why kernels cannot use such a tile unit, for `dubkit doctor`; null if they can.
const char *_Nullable dk_tile_obstacle(const dk_tile_support *support);

// The instructions on tiles in plain C, as Intel's manual defines them. The tiles belong to the calling thread. A fault, for
// which the processor would stop the program, does so here too, with a message.
void dk_emulated_configure(const dk_tile_palette *palette);      // ldtilecfg
void dk_emulated_release(void);                                  // tilerelease
void dk_emulated_zero(int tile);                                 // tilezero
void dk_emulated_load(int tile, const void *rows, long stride);  // tileloadd; the stride is in bytes
void dk_emulated_store(int tile, void *rows, long stride);       // tilestored
void dk_emulated_multiply(int sums, int left, int right);        // tdpbf16ps

// For tests of faults: they are kept instead of stopping the program, and the instruction then has no effect.
void dk_emulated_keep_faults(bool keeps);
// The calling thread's first fault since the last call, as a sentence; null if there was none.
const char *_Nullable dk_emulated_take_fault(void);
// Changes one byte of each palette that the calling thread configures from now on; none if `byte` is negative.
void dk_emulated_spoil(int byte, uint8_t value);
// Whether tiles are configured: no kernel may return so.
bool dk_emulated_is_configured(void);

#pragma clang assume_nonnull end
