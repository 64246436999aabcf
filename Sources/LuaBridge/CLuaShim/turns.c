// Several threads that use one interpreter in turns, each in its own coroutine.
#include "shim.h"

static int begin_body(lua_State *L) {
    // The registry keeps the coroutine alive; its key is the coroutine's address.
    lua_State *coroutine = lua_newthread(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, coroutine);
    *(lua_State **)lua_touserdata(L, 1) = coroutine;
    return 0;
}

int dks_begin_turns(dks_state *state) {
    lua_State *coroutine = NULL;
    dks_results results;
    // Any stack will do: no other thread uses that of the main coroutine at this moment.
    state->current = state->main;
    int status = dks_enter(state, begin_body, &coroutine, &results);
    dks_leave(state, &results);
    if (status == DKS_OK) state->current = coroutine;
    return status;
}

void dks_end_turns(dks_state *state) {
    lua_State *coroutine = state->current;
    lua_checkstack(state->main, 1);
    state->current = state->main;
    lua_pushnil(state->main);
    lua_rawsetp(state->main, LUA_REGISTRYINDEX, coroutine);
}

void *dks_leave_turn(dks_state *state) { return state->current; }

void dks_take_turn(dks_state *state, void *place) { state->current = place; }
