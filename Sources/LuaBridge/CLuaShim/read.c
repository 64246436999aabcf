// Lua values to nodes. Reading goes twice over the values with the same code: once to count, once to fill; in between
// everything is allocated, so that nothing is collected, and no string moves, while the nodes are filled and read.
#include "shim.h"

enum { MAX_DEPTH = 64, MAX_NODES = 1 << 24 };

typedef struct {
    dks_node *nodes; // null while counting
    size_t used, capacity;
    int32_t functions;
    int group; // stack index of the table that takes the functions
    int reference; // of that table
    int depth;
    const void *path[MAX_DEPTH]; // the tables that enclose the value
} walk;

static void visit(lua_State *L, int index, walk *w);

// Lets go of what is referred to, before an error is raised.
static void give_up(lua_State *L, const walk *w) {
    if (w->nodes) luaL_unref(L, LUA_REGISTRYINDEX, w->reference);
}

static size_t put(lua_State *L, walk *w, dks_node node) {
    dks_state *state = dks_of(L);
    if (w->used % VALUES_BETWEEN_CHECKS == 0 && (state->stopping || state->host.must_stop())) {
        give_up(L, w);
        dks_check_stop(L, state);
    }
    if (w->used == MAX_NODES) luaL_error(L, "a table holds more than %d values", MAX_NODES);
    if (w->nodes) {
        if (w->used == w->capacity) { // A weak table lost or gained something between the two passes.
            give_up(L, w);
            luaL_error(L, "a table changed while it was read");
        }
        w->nodes[w->used] = node;
    }
    return w->used++;
}

static void put_invalid(lua_State *L, walk *w, const char *reason) {
    put(L, w, (dks_node){.tag = DKS_INVALID, .string = reason});
}

// A value that needs no memory and no reference. Returns 0 for others.
int dks_read_scalar(lua_State *L, int index, dks_node *node) {
    switch (lua_type(L, index)) {
    case LUA_TNIL: *node = (dks_node){.tag = DKS_NIL}; return 1;
    case LUA_TBOOLEAN: *node = (dks_node){.tag = DKS_BOOL, .integer = lua_toboolean(L, index)}; return 1;
    case LUA_TNUMBER:
        if (lua_isinteger(L, index)) {
            *node = (dks_node){.tag = DKS_INT, .integer = lua_tointegerx(L, index, NULL)};
        } else {
            *node = (dks_node){.tag = DKS_NUMBER, .number = lua_tonumberx(L, index, NULL)};
        }
        return 1;
    case LUA_TSTRING: {
        size_t length;
        const char *string = lua_tolstring(L, index, &length);
        *node = (dks_node){.tag = DKS_STRING, .string = string, .length = length};
        return 1;
    }
    case LUA_TUSERDATA: {
        const dks_object *box = dks_test_object(L, index);
        if (!box) return 0;
        *node = (dks_node){.tag = box->object ? DKS_OBJECT : DKS_RELEASED, .type = (int32_t)box->type};
        node->object = box->object;
        return 1;
    }
    default: return 0;
    }
}

// Counts the keys of a table. Returns why it cannot cross, or null.
static const char *classify(lua_State *L, int index, dks_node *node) {
    lua_Integer highest = 0;
    node->integer = 0;
    node->length = 0;
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING) {
            node->length++;
        } else if (lua_isinteger(L, -1) && lua_tointegerx(L, -1, NULL) > 0) {
            lua_Integer key = lua_tointegerx(L, -1, NULL);
            if (key > highest) highest = key;
            node->integer++;
        } else {
            lua_pop(L, 1);
            return "a table with a key that is neither a string nor one of 1, 2, 3...";
        }
    }
    return highest == node->integer ? NULL : "a list with holes (nil among its values)";
}

static void visit_table(lua_State *L, int index, walk *w) {
    const void *table = lua_topointer(L, index);
    for (int i = 0; i < w->depth; i++) {
        if (w->path[i] == table) {
            put_invalid(L, w, "a table that contains itself");
            return;
        }
    }
    if (w->depth == MAX_DEPTH) {
        put_invalid(L, w, "a table nested deeper than 64 levels");
        return;
    }
    luaL_checkstack(L, 8, "tables nested too deep");
    dks_node node = {.tag = DKS_TABLE};
    const char *reason = classify(L, index, &node);
    if (reason) {
        put_invalid(L, w, reason);
        return;
    }
    put(L, w, node);
    w->path[w->depth++] = table;
    for (lua_Integer i = 1; i <= node.integer; i++) {
        lua_rawgeti(L, index, i);
        visit(L, lua_gettop(L), w);
        lua_pop(L, 1);
    }
    lua_pushnil(L);
    while (node.length && lua_next(L, index)) {
        if (lua_type(L, -2) == LUA_TSTRING) {
            visit(L, lua_gettop(L) - 1, w);
            visit(L, lua_gettop(L), w);
        }
        lua_pop(L, 1);
    }
    if (!node.length) lua_pop(L, 1);
    w->depth--;
}

static void visit(lua_State *L, int index, walk *w) {
    dks_node node;
    if (dks_read_scalar(L, index, &node)) {
        put(L, w, node);
        return;
    }
    switch (lua_type(L, index)) {
    case LUA_TTABLE: visit_table(L, index, w); break;
    case LUA_TFUNCTION:
        put(L, w, (dks_node){.tag = DKS_FUNCTION, .type = ++w->functions});
        if (!w->nodes) break;
        lua_pushvalue(L, index);
        lua_rawseti(L, w->group, w->functions);
        break;
    case LUA_TTHREAD: put_invalid(L, w, "a coroutine"); break;
    default: put_invalid(L, w, "a userdata that is not the kit's");
    }
}

// Reads `count` values from a stack index on. The nodes live while what this leaves on the stack does. Functions are kept
// alive by one table, under the reference `group`. Raises if there is not enough memory.
const dks_node *dks_read(lua_State *L, int first, int count, int64_t *group) {
    luaL_checkstack(L, 8, "too many values");
    walk w = {.reference = LUA_NOREF};
    for (int i = 0; i < count; i++) visit(L, first + i, &w);
    w.capacity = w.used;
    w.nodes = lua_newuserdatauv(L, (w.used ? w.used : 1) * sizeof(dks_node), 0);
    if (w.functions) {
        lua_createtable(L, w.functions, 0);
        w.group = lua_gettop(L);
        lua_pushvalue(L, w.group);
        w.reference = luaL_ref(L, LUA_REGISTRYINDEX);
        *group = w.reference;
    }
    // Nothing allocates from here on: the stack has already been as high.
    w.used = 0;
    w.functions = 0;
    for (int i = 0; i < count; i++) visit(L, first + i, &w);
    return w.nodes;
}
