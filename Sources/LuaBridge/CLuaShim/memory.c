// Lua's allocator, with a limit, and the charge of native memory to Lua's collector.
#define _GNU_SOURCE // madvise
#include "shim.h"
#include <stdlib.h>
#include <sys/mman.h>

// A block of this size or more takes a noticeable time to fill. It is put in huge pages if the system has them: one
// page fault for 2 MiB instead of 512.
enum { LARGE = 1 << 22, HUGE_PAGE = 1 << 21 };

static void use_huge_pages(void *block, size_t size) {
    uintptr_t begin = ((uintptr_t)block + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1);
    uintptr_t end = ((uintptr_t)block + size) & ~(uintptr_t)(HUGE_PAGE - 1);
    if (end > begin) madvise((void *)begin, end - begin, MADV_HUGEPAGE);
}

// Has the system fill the pages of a new string, which takes longer than the copy that Lua then makes in one piece, and looks
// for an interrupt in between. Returns whether there was none.
static int fill_pages(const dks_state *state, void *block, size_t size) {
    enum { PIECE = 1 << 24 };
    for (size_t done = 0; done < size; done += PIECE) {
        if (state->host.must_stop()) return 0;
        // One byte of each page; a huge page has but one.
        for (size_t place = done; place < size && place < done + PIECE; place += 4096) ((volatile char *)block)[place] = 0;
    }
    return 1;
}

// Lua cannot call a finalizer if it has no memory for the call, and frees the userdata all the same. Keeps the object of
// such a userdata: it cannot be released here, in the middle of a collection.
static void keep_orphan(dks_state *state, const void *block, size_t size) {
    if (size < sizeof(dks_object)) return;
    const dks_object *box = (const dks_object *)((const char *)block + size - sizeof *box);
    if (box->self != box || box->owner != state || !box->object) return;
    if (state->orphan_count == state->orphan_room) {
        size_t room = 2 * state->orphan_room + 8;
        void **grown = realloc(state->orphans, room * sizeof *grown);
        if (!grown) return;
        state->orphans = grown;
        state->orphan_room = room;
    }
    state->orphans[state->orphan_count++] = box->object;
    state->native -= box->bytes;
}

void dks_release_orphans(dks_state *state) {
    while (state->orphan_count > 0) state->host.release(state->orphans[--state->orphan_count]);
}

void *dks_allocate(void *context, void *block, size_t old_size, size_t new_size) {
    dks_state *state = context;
    int is_new_string = !block && old_size == LUA_TSTRING; // For a new block Lua passes its kind here.
    if (!block) old_size = 0;
    if (new_size == 0) {
        if (block) keep_orphan(state, block, old_size);
        free(block);
        state->used -= old_size;
        return NULL;
    }
    if (new_size > old_size) { // Shrinking must never fail.
        int64_t number = ++state->allocations;
        if (number >= state->memory.fail_at && number - state->memory.fail_at < state->memory.fail_span) return NULL;
        if (state->used - old_size + new_size > state->memory.limit) return NULL;
        // Nobody waits for what is to be filled any more: without memory Lua unwinds.
        if (new_size >= LARGE && state->host.must_stop()) return NULL;
    }
    void *moved = realloc(block, new_size);
    if (!moved) return NULL;
    if (new_size >= LARGE && new_size > old_size) use_huge_pages(moved, new_size);
    if (is_new_string && new_size >= LARGE && !fill_pages(state, moved, new_size)) {
        free(moved);
        return NULL;
    }
    state->used += new_size - old_size;
    return moved;
}

// Lua paces its collector by its own bytes alone, and counts forty bytes for a tensor of a gigabyte. So a full
// collection is due when native bytes have grown by half of what the last one left alive. The two other terms keep the
// cost of a collection, which grows with Lua's own heap, small compared with the work of filling that much native
// memory.
static size_t allowance(const dks_state *state) {
    size_t grown = state->native / 2;
    size_t least = (size_t)16 << 20;
    size_t heap = 8 * state->used;
    size_t most = grown > least ? grown : least;
    return most > heap ? most : heap;
}

void dks_collect_if_due(lua_State *L, dks_state *state) {
    dks_release_orphans(state);
    if (state->native <= state->collect_native) return;
    if (lua_gc(L, LUA_GCISRUNNING)) lua_gc(L, LUA_GCCOLLECT);
    state->collect_native = state->native + allowance(state);
}

size_t dks_bytes_in_use(const dks_state *state) { return state->used; }
size_t dks_native_bytes(const dks_state *state) { return state->native; }
int64_t dks_allocations(const dks_state *state) { return state->allocations; }
