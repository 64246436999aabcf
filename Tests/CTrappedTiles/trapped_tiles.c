#define _GNU_SOURCE
#include "trapped_tiles.h"

#if defined(__x86_64__) && defined(__linux__)
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <ucontext.h>

#include "dk_tiles.h"

static struct sigaction previous;
static _Atomic long emulated;

// The registers by their number in an instruction.
static const int numbered[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                 REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

// An operand in memory: `base` + `index`, where the index of a tile instruction is the stride.
typedef struct place {
    uint64_t base, index;
    long length;  // bytes of the instruction behind the opcode
} place;

// `code` is behind the opcode, `next` the address behind that.
static place place_of(const uint8_t *code, const greg_t *registers, unsigned high_index, unsigned high_base) {
    const unsigned mode = code[0] >> 6, low = code[0] & 7;
    place result = {.length = 1};
    bool has_wide_offset = mode == 2;
    if (low == 4) {
        const uint8_t sib = code[result.length++];
        const unsigned index = (sib >> 3 & 7) | high_index << 3, base = (sib & 7) | high_base << 3;
        if (index != 4) result.index = (uint64_t)registers[numbered[index]] << (sib >> 6);
        if ((sib & 7) == 5 && mode == 0)
            has_wide_offset = true;
        else
            result.base = (uint64_t)registers[numbered[base]];
    } else if (low == 5 && mode == 0) {
        // Relative to the next instruction: 4 bytes of offset follow, and 5 bytes precede (prefix and opcode of 4, this one).
        has_wide_offset = true;
        result.base = (uint64_t)registers[REG_RIP] + 4 + 1 + 4;
    } else {
        result.base = (uint64_t)registers[numbered[low | high_base << 3]];
    }
    if (has_wide_offset) {
        int32_t offset;
        memcpy(&offset, code + result.length, 4);
        result.base += (uint64_t)(int64_t)offset;
        result.length += 4;
    } else if (mode == 1) {
        result.base += (uint64_t)(int64_t)(int8_t)code[result.length++];
    }
    return result;
}

// Executes the instruction at `code`. Its length; 0 if it is not one of tiles.
//
// All have a prefix of three bytes: C4; inverted R, X, B and the opcode map 2; W = 0, inverted second source, L = 0 and the
// mandatory prefix.
static long execute(const uint8_t *code, const greg_t *registers) {
    if (code[0] != 0xc4 || (code[1] & 0x1f) != 2 || (code[2] & 0x84) != 0) return 0;
    enum { NONE, P66, F3, F2 };
    const unsigned prefix = code[2] & 3, opcode = code[3], form = code[4];
    const bool is_memory = form >> 6 != 3;
    const int first = form >> 3 & 7, second = form & 7, third = ~code[2] >> 3 & 15;
    const place at = is_memory ? place_of(code + 4, registers, !(code[1] & 0x40), !(code[1] & 0x20)) : (place){.length = 1};
    if (opcode == 0x49 && prefix == NONE && is_memory && first == 0) {
        dk_emulated_configure((const dk_tile_palette *)(at.base + at.index));
    } else if (opcode == 0x49 && prefix == NONE && form == 0xc0) {
        dk_emulated_release();
    } else if (opcode == 0x49 && prefix == F2 && !is_memory && second == 0) {
        dk_emulated_zero(first);
    } else if (opcode == 0x4b && prefix == F2 && is_memory && second == 4) {
        dk_emulated_load(first, (const void *)at.base, (long)at.index);
    } else if (opcode == 0x4b && prefix == F3 && is_memory && second == 4) {
        dk_emulated_store(first, (void *)at.base, (long)at.index);
    } else if (opcode == 0x5c && prefix == F3 && !is_memory) {
        dk_emulated_multiply(first, second, third);
    } else {
        return 0;
    }
    return 4 + at.length;
}

static void answer(int signal, siginfo_t *info, void *context) {
    (void)info;
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    const long length = execute((const uint8_t *)registers[REG_RIP], registers);
    if (length == 0) {
        // Another illegal instruction: it is executed again, for whoever answered before.
        sigaction(signal, &previous, NULL);
        return;
    }
    registers[REG_RIP] += length;
    atomic_fetch_add(&emulated, 1);
}

bool trap_tiles(void) {
    struct sigaction action = {.sa_sigaction = answer, .sa_flags = SA_SIGINFO};
    atomic_store(&emulated, 0);
    return sigaction(SIGILL, &action, &previous) == 0;
}

long release_trap(void) {
    sigaction(SIGILL, &previous, NULL);
    return atomic_load(&emulated);
}
#else
bool trap_tiles(void) { return false; }
long release_trap(void) { return 0; }
#endif
