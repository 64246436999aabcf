// Entry points from Swift: each runs its work in a protected call.
#include "shim.h"
#include <stdlib.h>
#include <string.h>

enum { STACK_FOR_AN_ENTRY = 24, FIRST_COLLECTION = 16 << 20 };

int dks_enter(dks_state *state, lua_CFunction body, void *argument, dks_results *results) {
    lua_State *L = state->current;
    *results = (dks_results){.base = lua_gettop(L)};
    if (!lua_checkstack(L, STACK_FOR_AN_ENTRY)) {
        state->status = LUA_ERRMEM;
        return DKS_ERROR;
    }
    lua_pushcfunction(L, dks_on_error);
    lua_pushcfunction(L, body);
    lua_pushlightuserdata(L, argument);
    state->depth++;
    state->status = lua_pcall(L, 1, LUA_MULTRET, results->base + 1);
    if (--state->depth == 0) {
        state->stopping = 0;
        dks_watch(state->main, 0);
    }
    return state->status == LUA_OK ? DKS_OK : DKS_ERROR;
}

void dks_leave(dks_state *state, dks_results *results) { lua_settop(state->current, results->base); }

// Reads everything above the argument of a body; returns all of it, so that it stays on the stack until `dks_leave`.
static int return_results(lua_State *L, dks_results *results) {
    int count = lua_gettop(L) - 1;
    results->nodes = dks_read(L, 2, count, &results->group);
    results->count = (size_t)count;
    return lua_gettop(L);
}

typedef struct {
    dks_results *results;
    const char *text, *name, *path;
    size_t length;
} loading;

static int load_body(lua_State *L) {
    const loading *l = lua_touserdata(L, 1);
    int status = l->path ? luaL_loadfilex(L, l->path, "t") : luaL_loadbufferx(L, l->text, l->length, l->name, "t");
    if (status == LUA_OK) return return_results(L, l->results);
    const char *message = lua_tostring(L, -1);
    if (message && strstr(message, "attempt to load a binary chunk")) {
        return luaL_error(L, "%s: holds Lua bytecode; only Lua source text is loaded", l->path ? l->path : l->name);
    }
    return lua_error(L);
}

int dks_load(dks_state *state, const char *text, size_t length, const char *name, dks_results *results) {
    loading l = {.results = results, .text = text, .length = length, .name = name};
    return dks_enter(state, load_body, &l, results);
}

int dks_load_file(dks_state *state, const char *path, dks_results *results) {
    loading l = {.results = results, .path = path};
    return dks_enter(state, load_body, &l, results);
}

typedef struct {
    dks_state *state;
    dks_results *results;
    dks_node function;
    dks_node *arguments;
    size_t count;
} invocation;

static int invoke_body(lua_State *L) {
    const invocation *i = lua_touserdata(L, 1);
    dks_node function = i->function;
    dks_build(L, i->state, &function);
    dks_node *next = i->arguments;
    for (size_t k = 0; k < i->count; k++) next = dks_build(L, i->state, next);
    lua_call(L, (int)i->count, LUA_MULTRET);
    return return_results(L, i->results);
}

int dks_invoke(dks_state *state, dks_node function, dks_node *arguments, size_t count, dks_results *results) {
    invocation i = {state, results, function, arguments, count};
    return dks_enter(state, invoke_body, &i, results);
}

typedef struct {
    dks_state *state;
    dks_node function;
    void *callable;
} unwrapping;

static int callable_body(lua_State *L) {
    unwrapping *u = lua_touserdata(L, 1);
    dks_build(L, u->state, &u->function);
    if (lua_tocfunction(L, -1) == dks_dispatch && lua_getupvalue(L, -1, 1)) u->callable = lua_touserdata(L, -1);
    return 0;
}

void *dks_callable_of(dks_state *state, dks_node function) {
    unwrapping u = {state, function, NULL};
    dks_results results;
    dks_enter(state, callable_body, &u, &results);
    dks_leave(state, &results);
    return u.callable;
}

typedef struct {
    const int64_t *groups;
    size_t count;
} forgetting;

static int forget_body(lua_State *L) {
    const forgetting *f = lua_touserdata(L, 1);
    for (size_t i = 0; i < f->count; i++) luaL_unref(L, LUA_REGISTRYINDEX, (int)f->groups[i]);
    return 0;
}

int dks_forget(dks_state *state, const int64_t *groups, size_t count) {
    forgetting f = {groups, count};
    dks_results results;
    int status = dks_enter(state, forget_body, &f, &results);
    dks_leave(state, &results);
    return status;
}

static int open_body(lua_State *L) {
    luaL_openlibs(L);
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &dks_types);
    lua_newtable(L);
    lua_newtable(L);
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &dks_identities);
    dks_prepare_errors(L);
    dks_replace_pattern_functions(L);
    dks_replace_file_functions(L);
    return 0;
}

dks_state *dks_open(dks_host host, dks_memory memory) {
    dks_state *state = calloc(1, sizeof *state);
    if (!state) return NULL;
    state->host = host;
    state->memory = memory;
    state->collect_native = FIRST_COLLECTION;
    state->main = state->current = lua_newstate(dks_allocate, state);
    if (!state->main) {
        free(state);
        return NULL;
    }
    *(dks_state **)lua_getextraspace(state->main) = state;
    dks_watch(state->main, 0);
    lua_pushcfunction(state->main, open_body);
    if (lua_pcall(state->main, 0, 0, 0) != LUA_OK) {
        dks_close(state);
        return NULL;
    }
    return state;
}

void dks_close(dks_state *state) {
    lua_close(state->main);
    dks_release_orphans(state);
    free(state->orphans);
    free(state);
}

int dks_is_running(const dks_state *state) { return state->depth > 0; }
