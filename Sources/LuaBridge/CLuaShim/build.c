// Nodes to Lua values.
#include "shim.h"
#include <stdlib.h>

// Pushes the value at a node; returns the node after it. Raises if there is not enough memory.
dks_node *dks_build(lua_State *L, dks_state *state, dks_node *node) {
    luaL_checkstack(L, 8, "a value is nested too deep");
    dks_node *next = node + 1;
    switch (node->tag) {
    case DKS_NIL: lua_pushnil(L); break;
    case DKS_BOOL: lua_pushboolean(L, node->integer != 0); break;
    case DKS_INT: lua_pushinteger(L, node->integer); break;
    case DKS_NUMBER: lua_pushnumber(L, node->number); break;
    case DKS_STRING: lua_pushlstring(L, node->string, node->length); break;
    case DKS_OBJECT: dks_push_object(L, state, node); break;
    case DKS_FUNCTION:
        lua_rawgeti(L, LUA_REGISTRYINDEX, (lua_Integer)node->length);
        lua_rawgeti(L, -1, node->type);
        lua_remove(L, -2);
        break;
    case DKS_TABLE:
        lua_createtable(L, (int)node->integer, (int)node->length);
        for (int64_t i = 1; i <= node->integer; i++) {
            if (i % VALUES_BETWEEN_CHECKS == 0) dks_check_stop(L, state);
            next = dks_build(L, state, next);
            lua_rawseti(L, -2, i);
        }
        for (uint64_t i = 0; i < node->length; i++) {
            next = dks_build(L, state, next);
            next = dks_build(L, state, next);
            lua_rawset(L, -3);
        }
        break;
    default: luaL_error(L, "the bridge cannot build a value of tag %d", node->tag);
    }
    return next;
}

// Frees what a node owns.
void dks_free_node(dks_state *state, dks_node *node) {
    if (node->tag == DKS_STRING) free((void *)node->string);
    if (node->tag == DKS_OBJECT && node->object) state->host.release(node->object);
    *node = (dks_node){0};
}

void dks_free_tree(dks_state *state, dks_node *nodes, size_t count) {
    for (size_t i = 0; i < count; i++) dks_free_node(state, &nodes[i]);
    free(nodes);
}
