// AVX-512 with AMX's tiles of bfloat16 values: Intel's servers since Sapphire Rapids.
#if defined(__x86_64__)
#include <cpuid.h>
#include <errno.h>
#include <immintrin.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "isa.h"

#define ISA amx_bf16
#define BASE avx512_bf16
#define IS_EMULATED false
#define WIDTH 16
#define REGISTERS 32

// Linux gives a process the 8 kB of state for tiles only if it asks (Documentation/arch/x86/xstate.rst). It is asked once,
// for all threads; child processes inherit the permission, and other programs that they start ask again.
static int refusal(void) {
    enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
    return syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0 ? 0 : errno;
}

// The registers that the operating system saves; bits 17 and 18 are those of tiles.
static uint64_t saved_state(void) {
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

static const char *found;

static void look(void) {
    // Whoever has AVX-512 has xgetbv.
    if ((found = dk_kernels_avx512_bf16.obstacle())) return;
    uint32_t a, b, c, d;
    dk_tile_support support = {};
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
        support.has_bfloat16 = d >> 22 & 1;
        support.has_tiles = d >> 24 & 1;
    }
    // Of palette 1: bytes of all tiles and of one, bytes of a row, tiles, rows.
    if (support.has_tiles && __get_cpuid_count(0x1d, 1, &a, &b, &c, &d))
        support.fits_palette = (b & 0xffff) == 64 && b >> 16 == 8 && (c & 0xffff) == 16;
    support.is_enabled = (saved_state() >> 17 & 3) == 3;
    if (support.has_tiles && support.has_bfloat16 && support.is_enabled) support.refusal = refusal();
    found = dk_tile_obstacle(&support);
}

static const char *obstacle(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, look);
    return found;
}

#pragma clang attribute push(                                                                                          \
    __attribute__((target("amx-tile,amx-bf16,avx512bf16,avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), apply_to = function)
#include "kernels/vector.inc"
#include "kernels/avx512.inc"
#include "kernels/avx512_bf16.inc"

#define HAS_TILES
#define tile_configure(palette) _tile_loadconfig(palette)
#define tile_release() _tile_release()
#define tile_zero(tile) _tile_zero(tile)
#define tile_load(tile, rows, stride) _tile_loadd(tile, rows, stride)
#define tile_store(tile, rows, stride) _tile_stored(tile, rows, stride)
#define tile_multiply(sums, left, right) _tile_dpbf16ps(sums, left, right)

#include "kernels/tile_kernels.inc"
#pragma clang attribute pop

#include "kernels/tile_table.inc"
#endif
