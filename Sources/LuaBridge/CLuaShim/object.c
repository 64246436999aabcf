// Native objects as userdata: one userdata for one object, however often it is pushed.
#include "shim.h"
#include <string.h>

const char dks_types, dks_identities;

// The bridge's own block at an index, or null for anything else.
dks_object *dks_test_object(lua_State *L, int index) {
    dks_object *box = lua_touserdata(L, index);
    if (!box || lua_type(L, index) != LUA_TUSERDATA || lua_rawlen(L, index) != sizeof *box) return NULL;
    return box->owner == dks_of(L) ? box : NULL;
}

static void release(dks_state *state, dks_object *box) {
    void *object = box->object;
    if (!object) return;
    box->object = NULL;
    state->native -= box->bytes;
    state->host.release(object);
}

static int collect(lua_State *L) {
    dks_object *box = dks_test_object(L, 1);
    if (box) release(box->owner, box);
    return 0;
}

// A variable marked <close> releases its object at once. Other variables that hold it see a released object.
static int close_object(lua_State *L) {
    dks_object *box = dks_test_object(L, 1);
    if (!box || !box->object) return 0;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &dks_identities);
    lua_pushnil(L);
    lua_rawsetp(L, -2, box->object);
    release(box->owner, box);
    return 0;
}

// The same for a type with a __close of its own, which is told first whether an error ends the scope.
static int close_by_method(lua_State *L) {
    dks_object *box = dks_test_object(L, 1);
    if (!box || !box->object) return 0;
    lua_settop(L, 2);
    lua_pushboolean(L, !lua_isnil(L, 2));
    lua_replace(L, 2);
    dks_dispatch(L);
    return close_object(L);
}

// Pushes the userdata of an object, a new one if need be. Takes the node's reference over.
void dks_push_object(lua_State *L, dks_state *state, dks_node *node) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &dks_identities);
    if (lua_rawgetp(L, -1, node->object) != LUA_TNIL) {
        lua_remove(L, -2);
        void *extra = node->object;
        node->object = NULL;
        state->host.release(extra);
        return;
    }
    lua_pop(L, 1);
    dks_object *box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = (dks_object){.owner = state, .type = node->type, .bytes = node->length, .self = box};
    lua_rawgetp(L, LUA_REGISTRYINDEX, &dks_types);
    lua_rawgeti(L, -1, node->type);
    lua_setmetatable(L, -3);
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, -3, node->object);
    lua_remove(L, -2);
    // Nothing raises from here on.
    box->object = node->object;
    node->object = NULL;
    state->native += box->bytes;
}

// object.key: a method if there is one, else what the type's own __index gives.
static int index_object(lua_State *L) {
    lua_settop(L, 2);
    lua_pushvalue(L, 2);
    if (lua_type(L, 2) == LUA_TSTRING && lua_rawget(L, lua_upvalueindex(2)) != LUA_TNIL) return 1;
    lua_settop(L, 2);
    return dks_dispatch(L);
}

// pairs(object) walks the table that the type's __pairs gives.
static int pairs_of_object(lua_State *L) {
    lua_settop(L, 1);
    dks_dispatch(L);
    lua_pushvalue(L, lua_upvalueindex(2)); // next
    lua_insert(L, -2);
    lua_pushnil(L);
    return 3;
}

typedef struct {
    int32_t type;
    const char *name;
    const dks_method *methods;
    size_t count;
} binding;

static int bind_body(lua_State *L) {
    const binding *b = lua_touserdata(L, 1);
    lua_createtable(L, 0, (int)b->count); // 2: methods
    lua_newtable(L);                      // 3: metatable
    lua_pushcfunction(L, close_object);
    lua_setfield(L, 3, "__close");
    for (size_t i = 0; i < b->count; i++) {
        const char *name = b->methods[i].name;
        lua_pushlightuserdata(L, b->methods[i].callable);
        if (strcmp(name, "__index") == 0) {
            lua_pushvalue(L, 2);
            lua_pushcclosure(L, index_object, 2);
        } else if (strcmp(name, "__pairs") == 0) {
            lua_getglobal(L, "next");
            lua_pushcclosure(L, pairs_of_object, 2);
        } else if (strcmp(name, "__close") == 0) {
            lua_pushcclosure(L, close_by_method, 1);
        } else {
            lua_pushcclosure(L, dks_dispatch, 1);
        }
        lua_setfield(L, strncmp(name, "__", 2) == 0 ? 3 : 2, name);
    }
    lua_pushcfunction(L, collect);
    lua_setfield(L, 3, "__gc");
    lua_pushstring(L, b->name);
    lua_setfield(L, 3, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, 3, "__metatable");
    lua_rawgetp(L, LUA_REGISTRYINDEX, &dks_types);
    lua_pushvalue(L, 3);
    lua_rawseti(L, -2, b->type);
    return 0;
}

int dks_bind(dks_state *state, int32_t type, const char *name, const dks_method *methods, size_t count) {
    binding b = {type, name, methods, count};
    dks_results results;
    int status = dks_enter(state, bind_body, &b, &results);
    dks_leave(state, &results);
    return status;
}
