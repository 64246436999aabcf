// Errors as Lua sees them: tables that print, with the fields message, kind and code; and their way back to Swift.
#include "shim.h"
#include <string.h>

const char dks_interrupted;
static const char error_type, message_key, code_key, traceback_key, witness_key;

static int is_error(lua_State *L, int index) {
    if (!lua_istable(L, index) || !lua_getmetatable(L, index)) return 0;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &error_type);
    int same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

static int error_to_string(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_getfield(L, 1, "message");
    luaL_tolstring(L, -1, NULL);
    return 1;
}

static int error_concat(lua_State *L) {
    luaL_tolstring(L, 1, NULL);
    luaL_tolstring(L, 2, NULL);
    lua_concat(L, 2);
    return 1;
}

static void set_error_type(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &error_type);
    lua_setmetatable(L, -2);
}

static void keep_string(lua_State *L, const char *text, const void *key) {
    lua_pushstring(L, text);
    lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

void dks_prepare_errors(lua_State *L) {
    // Reading a field must not allocate, so its name is kept.
    keep_string(L, "message", &message_key);
    keep_string(L, "code", &code_key);
    keep_string(L, "traceback", &traceback_key);
    static const luaL_Reg events[] = {{"__tostring", error_to_string}, {"__concat", error_concat}, {NULL, NULL}};
    lua_newtable(L);
    luaL_setfuncs(L, events, 0);
    lua_pushliteral(L, "error");
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &error_type);
    lua_newtable(L);
    lua_pushliteral(L, "interrupted");
    lua_setfield(L, -2, "message");
    lua_pushliteral(L, "interrupted");
    lua_setfield(L, -2, "kind");
    set_error_type(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &dks_interrupted);
}

// Pushes "recipe.lua:12: " for the innermost line of the user's Lua that is running; "" if there is none.
static void push_place(lua_State *L) {
    lua_Debug activation;
    for (int level = 0; lua_getstack(L, level, &activation); level++) {
        lua_getinfo(L, "Sl", &activation);
        int is_prelude = strncmp(activation.source, "=kit/", 5) == 0;
        if (activation.currentline <= 0 || is_prelude) continue;
        int is_file = activation.source[0] == '@';
        lua_pushfstring(
            L, "%s:%d: ", is_file ? activation.source + 1 : activation.short_src, activation.currentline);
        return;
    }
    lua_pushliteral(L, "");
}

// Whether a message names a line, as in "recipe.lua:12: ...".
static int names_a_line(const char *message) {
    for (const char *colon = message; (colon = strchr(colon, ':')); colon++) {
        size_t digits = strspn(colon + 1, "0123456789");
        if (digits > 0 && colon[1 + digits] == ':') return 1;
    }
    return 0;
}

// Pushes a message for the value at index 1.
static void push_message(lua_State *L) {
    push_place(L);
    if (lua_type(L, 1) == LUA_TSTRING) {
        lua_pushvalue(L, 1);
    } else if (!luaL_callmeta(L, 1, "__tostring") || lua_type(L, -1) != LUA_TSTRING) {
        lua_pushfstring(L, "error() was called with a %s, not a message", luaL_typename(L, 1));
    }
    if (!names_a_line(lua_tostring(L, -1))) {
        lua_pushvalue(L, 2);
        lua_insert(L, -2);
        lua_concat(L, 2);
    }
}

// Lets the witness look at the functions that an error is about to end, innermost first. Whatever it raises is ignored.
static void show_to_witness(lua_State *L) {
    if (!lua_checkstack(L, LUA_MINSTACK)) return;
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &witness_key) == LUA_TFUNCTION) lua_pcall(L, 0, 0, 0);
}

// The message handler of every call from Swift: makes an error table of whatever was raised, and adds the traceback.
int dks_on_error(lua_State *L) {
    lua_settop(L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &dks_interrupted);
    int interrupted = lua_rawequal(L, 1, 2);
    lua_settop(L, 1);
    if (interrupted) return 1;
    if (!is_error(L, 1)) {
        push_message(L);
        lua_newtable(L);
        lua_insert(L, -2);
        lua_setfield(L, -2, "message");
        set_error_type(L);
        lua_replace(L, 1);
    }
    lua_settop(L, 1);
    if (lua_getfield(L, 1, "traceback") == LUA_TNIL) {
        luaL_traceback(L, L, NULL, 1);
        lua_setfield(L, 1, "traceback");
        show_to_witness(L);
    }
    lua_settop(L, 1);
    return 1;
}

typedef struct {
    dks_state *state;
    dks_node function;
} watching;

static int set_witness_body(lua_State *L) {
    watching *w = lua_touserdata(L, 1);
    dks_build(L, w->state, &w->function);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &witness_key);
    return 0;
}

int dks_set_witness(dks_state *state, dks_node function, dks_results *results) {
    watching w = {state, function};
    return dks_enter(state, set_witness_body, &w, results);
}

typedef struct {
    dks_state *state;
    dks_reply *reply;
    int status;
} raising;

static int build_error(lua_State *L) {
    const raising *r = lua_touserdata(L, 1);
    dks_build(L, r->state, r->reply->tree);
    if (r->status == DKS_ERROR) {
        push_place(L);
        lua_getfield(L, 2, "message");
        lua_concat(L, 2);
        lua_setfield(L, 2, "message");
    }
    set_error_type(L);
    return 1;
}

// Raises what Swift threw. The Swift frame has returned.
int dks_raise(lua_State *L, dks_state *state, dks_reply *reply, int status) {
    raising r = {state, reply, status};
    lua_pushcfunction(L, build_error);
    lua_pushlightuserdata(L, &r);
    lua_pcall(L, 1, 1, 0); // Leaves the error, or the error of building it: either is what to raise.
    dks_free_tree(state, reply->tree, reply->count);
    return lua_error(L);
}

static const char *field(lua_State *L, int error, const void *key, size_t *length) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, key);
    lua_rawget(L, error);
    return lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, length) : NULL;
}

static dks_failure plain_failure(const char *message) {
    return (dks_failure){.message = message, .message_length = strlen(message)};
}

dks_failure dks_last_failure(dks_state *state, const dks_results *results) {
    lua_State *L = state->current;
    int error = results->base + 2; // Above the message handler.
    if (state->status == LUA_ERRMEM) {
        dks_failure failure = plain_failure("not enough memory for Lua's values");
        failure.is_memory = true;
        return failure;
    }
    if (is_error(L, error)) {
        dks_failure failure = {0};
        failure.message = field(L, error, &message_key, &failure.message_length);
        failure.traceback = field(L, error, &traceback_key, &failure.traceback_length);
        lua_rawgetp(L, LUA_REGISTRYINDEX, &code_key);
        lua_rawget(L, error);
        failure.code = lua_tointegerx(L, -1, NULL);
        if (failure.message) return failure;
    }
    if (lua_type(L, error) != LUA_TSTRING) return plain_failure("an error in the handling of an error");
    dks_failure failure = {0};
    failure.message = lua_tolstring(L, error, &failure.message_length);
    return failure;
}
