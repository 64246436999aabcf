// Intel's tile instructions in plain C (Software Developer's Manual, volume 2: LDTILECFG to TILEZERO, TDPBF16PS).
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dk_tiles.h"

enum { TILES = 8, ROWS = 16, ROW_BYTES = 64 };

static _Thread_local struct {
    dk_tile_palette palette;
    uint8_t tiles[TILES][ROWS][ROW_BYTES];
    bool keeps_faults;
    const char *fault;
    int spoilt_byte;  // 1 more than the index; 0 if there is none
    uint8_t spoilt_value;
} state;

static bool is_fault(bool condition, const char *text) {
    if (!condition) return false;
    if (!state.keeps_faults) {
        fprintf(stderr, "dubkit: an emulated tile instruction failed: %s\n", text);
        abort();
    }
    if (!state.fault) state.fault = text;
    return true;
}

void dk_emulated_keep_faults(bool keeps) { state.keeps_faults = keeps; }

const char *dk_emulated_take_fault(void) {
    const char *fault = state.fault;
    state.fault = NULL;
    return fault;
}

void dk_emulated_spoil(int byte, uint8_t value) {
    state.spoilt_byte = byte + 1;
    state.spoilt_value = value;
}

bool dk_emulated_is_configured(void) { return state.palette.palette != 0; }

void dk_emulated_release(void) {
    memset(&state.palette, 0, sizeof state.palette);
    memset(state.tiles, 0, sizeof state.tiles);
}

void dk_emulated_configure(const dk_tile_palette *palette) {
    dk_tile_palette next = *palette;
    if (state.spoilt_byte > 0) ((uint8_t *)&next)[state.spoilt_byte - 1] = state.spoilt_value;
    if (next.palette == 0) {
        dk_emulated_release();
        return;
    }
    if (is_fault(next.palette != 1, "ldtilecfg: unknown palette")) return;
    for (int i = 0; i < 14; i++)
        if (is_fault(next.zeros[i] != 0, "ldtilecfg: a reserved byte is not zero")) return;
    for (int tile = 0; tile < 16; tile++) {
        const int rows = next.rows[tile], bytes = next.row_bytes[tile];
        if (is_fault(tile >= TILES && (rows || bytes), "ldtilecfg: a shape past the eighth tile")) return;
        if (is_fault(rows > ROWS, "ldtilecfg: a tile of more than 16 rows")) return;
        if (is_fault(bytes > ROW_BYTES, "ldtilecfg: a row of more than 64 bytes")) return;
        if (is_fault(!rows != !bytes, "ldtilecfg: a tile with rows or columns, but not both")) return;
    }
    dk_emulated_release();
    state.palette = next;
}

// Whether an instruction can use a tile.
static bool can_use(int tile) {
    return !is_fault(state.palette.palette == 0, "tiles are not configured") &&
           !is_fault(tile < 0 || tile >= TILES, "unknown tile") &&
           !is_fault(state.palette.rows[tile] == 0, "the tile is not configured");
}

// Whether a load or a store can.
static bool can_move(int tile) {
    return can_use(tile) && !is_fault(state.palette.row_bytes[tile] % 4 != 0, "a row that is not of whole elements") &&
           !is_fault(state.palette.start_row >= state.palette.rows[tile], "the first row is past the tile");
}

void dk_emulated_zero(int tile) {
    if (!can_use(tile)) return;
    memset(state.tiles[tile], 0, sizeof state.tiles[tile]);
    state.palette.start_row = 0;
}

void dk_emulated_load(int tile, const void *rows, long stride) {
    if (!can_move(tile)) return;
    const int first = state.palette.start_row;
    memset(state.tiles[tile][first], 0, (size_t)(ROWS - first) * ROW_BYTES);
    for (int row = first; row < state.palette.rows[tile]; row++)
        memcpy(state.tiles[tile][row], (const char *)rows + row * stride, state.palette.row_bytes[tile]);
    state.palette.start_row = 0;
}

void dk_emulated_store(int tile, void *rows, long stride) {
    if (!can_move(tile)) return;
    for (int row = state.palette.start_row; row < state.palette.rows[tile]; row++)
        memcpy((char *)rows + row * stride, state.tiles[tile][row], state.palette.row_bytes[tile]);
    state.palette.start_row = 0;
}

// Numbers below the normal ones count as zero, and become zero.
static float flushed(float x) { return fpclassify(x) == FP_SUBNORMAL ? copysignf(0, x) : x; }

static float float_at(const uint8_t *row, int index) {
    float x;
    memcpy(&x, row + 4 * index, 4);
    return flushed(x);
}

static float bfloat16_at(const uint8_t *row, int index) {
    uint16_t half;
    memcpy(&half, row + 2 * index, 2);
    const uint32_t bits = (uint32_t)half << 16;
    float x;
    memcpy(&x, &bits, 4);
    return flushed(x);
}

// Always rounded to nearest even by the unit; here, by the rounding mode, which the kit leaves as it is.
void dk_emulated_multiply(int sums, int left, int right) {
    if (!can_use(sums) || !can_use(left) || !can_use(right)) return;
    const uint8_t *rows = state.palette.rows;
    const uint16_t *bytes = state.palette.row_bytes;
    if (is_fault(sums == left || sums == right || left == right, "tdpbf16ps: the same tile twice")) return;
    if (is_fault(bytes[sums] % 4 || bytes[left] % 4 || bytes[right] % 4, "tdpbf16ps: a row that is not of whole elements")) return;
    if (is_fault(rows[sums] != rows[left], "tdpbf16ps: sums and left factor differ in rows")) return;
    if (is_fault(bytes[sums] != bytes[right], "tdpbf16ps: sums and right factor differ in columns")) return;
    if (is_fault(bytes[left] / 4 != rows[right], "tdpbf16ps: the factors differ in depth")) return;
    if (is_fault(state.palette.start_row != 0, "tdpbf16ps: the first row is not 0")) return;
    const int columns = bytes[sums] / 4, depth = rows[right];
    for (int row = 0; row < rows[sums]; row++) {
        for (int column = 0; column < columns; column++) {
            float even = 0, odd = 0;
            for (int k = 0; k < depth; k++) {
                const uint8_t *a = state.tiles[left][row], *b = state.tiles[right][k];
                even = flushed(fmaf(bfloat16_at(a, 2 * k), bfloat16_at(b, 2 * column), even));
                odd = flushed(fmaf(bfloat16_at(a, 2 * k + 1), bfloat16_at(b, 2 * column + 1), odd));
            }
            uint8_t *sum = state.tiles[sums][row] + 4 * column;
            const float result = flushed(float_at(sum, 0) + flushed(even + odd));
            memcpy(sum, &result, 4);
        }
    }
}
