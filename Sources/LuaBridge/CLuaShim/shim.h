// Shared by the files of the shim.
#pragma once
#include "CLuaShim.h"
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

// Values of a table that cross between two looks for an interrupt.
enum { VALUES_BETWEEN_CHECKS = 1 << 16 };

struct dks_state {
    lua_State *main;
    lua_State *current; // the coroutine that runs, or main
    dks_host host;
    dks_memory memory;
    size_t used;
    int64_t allocations;
    size_t native;         // bytes that live objects hold outside Lua
    size_t collect_native; // collect when `native` passes this
    int depth;             // calls from Swift in progress
    int status;            // of the last of them
    int stopping;
    void **orphans; // objects whose finalizer could not be called
    size_t orphan_count, orphan_room;
};

// A native object as Lua holds it. `owner` tells it from other userdata.
typedef struct dks_object {
    dks_state *owner;
    void *object; // null once released
    int64_t type;
    size_t bytes;
    const void *self; // its own address, which tells it from other bytes
} dks_object;

// Keys of the registry are the addresses of these.
extern const char dks_types, dks_identities, dks_interrupted;

static inline dks_state *dks_of(lua_State *L) { return *(dks_state **)lua_getextraspace(L); }

// memory.c
void *dks_allocate(void *state, void *block, size_t old_size, size_t new_size);
void dks_collect_if_due(lua_State *L, dks_state *state);
void dks_release_orphans(dks_state *state);

// interrupt.c
void dks_watch(lua_State *L, int count);
void dks_check_stop(lua_State *L, dks_state *state);

// object.c
dks_object *dks_test_object(lua_State *L, int index);
void dks_push_object(lua_State *L, dks_state *state, dks_node *node);

// read.c: Lua to nodes
int dks_read_scalar(lua_State *L, int index, dks_node *node);
const dks_node *dks_read(lua_State *L, int first, int count, int64_t *group);

// build.c: nodes to Lua
dks_node *dks_build(lua_State *L, dks_state *state, dks_node *node);
void dks_free_node(dks_state *state, dks_node *node);

// error.c
void dks_prepare_errors(lua_State *L);
int dks_on_error(lua_State *L);
int dks_raise(lua_State *L, dks_state *state, dks_reply *reply, int status);

// dispatch.c
int dks_dispatch(lua_State *L);

// call.c
int dks_enter(dks_state *state, lua_CFunction body, void *argument, dks_results *results);

// strings.c
void dks_replace_pattern_functions(lua_State *L);

// io.c
void dks_replace_file_functions(lua_State *L);
