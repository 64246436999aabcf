// Every call from Lua into Swift passes here. Swift returns a status; only this side raises.
#include "shim.h"

enum { PLAIN_ARGUMENTS = 8 };

typedef struct {
    dks_state *state;
    dks_node *node;
    int results;
} delivery;

static int deliver_body(lua_State *L) {
    const delivery *d = lua_touserdata(L, 1);
    luaL_checkstack(L, d->results, "too many results");
    dks_node *next = d->node;
    for (int i = 0; i < d->results; i++) next = dks_build(L, d->state, next);
    return d->results;
}

// Pushes results that need memory. Protected, so that what Lua has not taken over is freed whatever happens.
static int deliver(lua_State *L, dks_state *state, dks_reply *reply) {
    delivery d = {state, reply->tree ? reply->tree : &reply->value, reply->results};
    lua_pushcfunction(L, deliver_body);
    lua_pushlightuserdata(L, &d);
    int status = lua_pcall(L, 1, reply->results, 0);
    dks_free_node(state, &reply->value);
    dks_free_tree(state, reply->tree, reply->count);
    if (status != LUA_OK) return lua_error(L);
    dks_collect_if_due(L, state);
    return reply->results;
}

// The C function behind every method and function of Swift; its first upvalue is the callable.
int dks_dispatch(lua_State *L) {
    dks_state *state = dks_of(L);
    int count = lua_gettop(L);
    dks_node plain[PLAIN_ARGUMENTS];
    const dks_node *arguments = plain;
    int64_t group = 0;
    int is_plain = count <= PLAIN_ARGUMENTS;
    for (int i = 0; is_plain && i < count; i++) is_plain = dks_read_scalar(L, i + 1, &plain[i]);
    if (!is_plain) arguments = dks_read(L, 1, count, &group);

    lua_State *caller = state->current;
    state->current = L;
    dks_reply reply = {.results = 1};
    void *callable = lua_touserdata(L, lua_upvalueindex(1));
    int status = state->host.call(callable, arguments, (size_t)count, group, &reply);
    state->current = caller;

    if (status != DKS_OK) return dks_raise(L, state, &reply, status);
    // The call itself ended the script, or took so long that Ctrl-C came meanwhile: nothing after it may run.
    if (state->stopping || state->host.must_stop()) {
        dks_free_node(state, &reply.value);
        dks_free_tree(state, reply.tree, reply.count);
        dks_check_stop(L, state);
    }
    if (reply.tree) return deliver(L, state, &reply);
    if (reply.results == 0) return 0;
    switch (reply.value.tag) {
    case DKS_NIL: lua_pushnil(L); return 1;
    case DKS_BOOL: lua_pushboolean(L, reply.value.integer != 0); return 1;
    case DKS_INT: lua_pushinteger(L, reply.value.integer); return 1;
    case DKS_NUMBER: lua_pushnumber(L, reply.value.number); return 1;
    default: return deliver(L, state, &reply);
    }
}
