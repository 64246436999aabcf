// io.read, io.lines and the methods of files, with the manual's semantics, reading piece by piece: Lua's own read a line
// without an end, or a number of bytes, for as long as there are any.
#include "shim.h"
#include <stdio.h>

enum { PIECE = 1 << 16, MOST_FORMATS = 250 };

// Lua's own: the method `read`, which reads numbers, and `io.open`.
static const char own_read, own_open;

static FILE *to_file(lua_State *L, int index) {
    luaL_Stream *stream = luaL_checkudata(L, index, LUA_FILEHANDLE);
    if (!stream->closef) luaL_error(L, "attempt to use a closed file");
    return stream->f;
}

static int read_line(lua_State *L, FILE *file, int keeps_end) {
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    int c;
    do {
        char *piece = luaL_prepbuffsize(&buffer, PIECE);
        size_t count = 0;
        flockfile(file);
        while ((c = getc_unlocked(file)) != EOF && c != '\n') {
            piece[count++] = (char)c;
            if (count == PIECE) break;
        }
        funlockfile(file);
        luaL_addsize(&buffer, count);
        dks_check_stop(L, dks_of(L));
    } while (c != EOF && c != '\n');
    if (keeps_end && c == '\n') luaL_addchar(&buffer, '\n');
    luaL_pushresult(&buffer);
    return c == '\n' || lua_rawlen(L, -1) > 0;
}

// Reads up to `most` bytes. Returns whether there were any.
static int read_bytes(lua_State *L, FILE *file, size_t most) {
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    size_t wanted, count;
    do {
        wanted = most < PIECE ? most : PIECE;
        count = fread(luaL_prepbuffsize(&buffer, wanted), 1, wanted, file);
        luaL_addsize(&buffer, count);
        most -= count;
        dks_check_stop(L, dks_of(L));
    } while (most > 0 && count == wanted);
    luaL_pushresult(&buffer);
    return lua_rawlen(L, -1) > 0;
}

static int is_not_at_end(lua_State *L, FILE *file) {
    int c = getc(file);
    ungetc(c, file);
    lua_pushliteral(L, "");
    return c != EOF;
}

// By Lua's own method, of the file at index 1.
static int read_number(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &own_read);
    lua_pushvalue(L, 1);
    lua_pushliteral(L, "n");
    lua_call(L, 2, 1);
    return !lua_isnil(L, -1);
}

// What one format says. Returns whether there was something.
static int read_format(lua_State *L, FILE *file, int index) {
    if (lua_type(L, index) == LUA_TNUMBER) {
        size_t count = (size_t)luaL_checkinteger(L, index);
        return count == 0 ? is_not_at_end(L, file) : read_bytes(L, file, count);
    }
    const char *format = luaL_checkstring(L, index);
    if (*format == '*') format++; // Of Lua 5.1.
    switch (*format) {
    case 'n': return read_number(L);
    case 'l': return read_line(L, file, 0);
    case 'L': return read_line(L, file, 1);
    case 'a': read_bytes(L, file, (size_t)-1); return 1;
    default: return luaL_argerror(L, index, "invalid format");
    }
}

// Reads by the formats from index 2 on from the file at index 1.
static int read(lua_State *L) {
    FILE *file = to_file(L, 1);
    int formats = lua_gettop(L) - 1;
    luaL_checkstack(L, formats + LUA_MINSTACK, "too many arguments");
    clearerr(file);
    int has_more = 1;
    if (formats == 0) has_more = read_line(L, file, 0);
    for (int i = 0; i < formats && has_more; i++) has_more = read_format(L, file, i + 2);
    if (ferror(file)) return luaL_fileresult(L, 0, NULL);
    if (!has_more) {
        lua_pop(L, 1);
        lua_pushnil(L);
    }
    return lua_gettop(L) - 1 - formats;
}

static void push_default_input(lua_State *L) {
    lua_getfield(L, LUA_REGISTRYINDEX, "_IO_input");
    luaL_Stream *stream = lua_touserdata(L, -1);
    if (stream && !stream->closef) luaL_error(L, "default input file is closed");
}

static int io_read(lua_State *L) {
    push_default_input(L);
    lua_insert(L, 1);
    return read(L);
}

// Upvalues: the file, whether its end closes it, how many formats, the formats.
static int next_line(lua_State *L) {
    luaL_Stream *stream = lua_touserdata(L, lua_upvalueindex(1));
    if (!stream->closef) return luaL_error(L, "file is already closed");
    int formats = (int)lua_tointegerx(L, lua_upvalueindex(3), NULL);
    lua_settop(L, 0);
    luaL_checkstack(L, formats + 1, "too many arguments");
    lua_pushvalue(L, lua_upvalueindex(1));
    for (int i = 1; i <= formats; i++) lua_pushvalue(L, lua_upvalueindex(3 + i));
    int count = read(L);
    if (lua_toboolean(L, -count)) return count;
    if (count > 1) return luaL_error(L, "%s", lua_tostring(L, -count + 1));
    if (lua_toboolean(L, lua_upvalueindex(2))) {
        lua_settop(L, 0);
        lua_pushvalue(L, lua_upvalueindex(1));
        lua_getfield(L, 1, "close");
        lua_insert(L, 1);
        lua_call(L, 1, 0);
    }
    return 0;
}

// Makes an iterator of the file at index 1 and the formats from index 2 on.
static void push_lines(lua_State *L, int closes) {
    int formats = lua_gettop(L) - 1;
    luaL_argcheck(L, formats <= MOST_FORMATS, MOST_FORMATS + 2, "too many arguments");
    lua_pushboolean(L, closes);
    lua_pushinteger(L, formats);
    lua_rotate(L, 2, 2);
    lua_pushvalue(L, 1);
    lua_insert(L, 2);
    lua_pushcclosure(L, next_line, 3 + formats);
}

static int lines(lua_State *L) {
    to_file(L, 1);
    push_lines(L, 0);
    return 1;
}

static int io_lines(lua_State *L) {
    if (lua_isnone(L, 1)) lua_pushnil(L);
    if (lua_isnil(L, 1)) {
        push_default_input(L);
        lua_replace(L, 1);
        return lines(L);
    }
    const char *name = luaL_checkstring(L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &own_open);
    lua_pushstring(L, name);
    lua_call(L, 1, 2);
    if (lua_isnil(L, -2)) return luaL_error(L, "%s", lua_tostring(L, -1));
    lua_pop(L, 1);
    lua_replace(L, 1);
    push_lines(L, 1);
    // The fourth value is closed where a loop ends.
    lua_pushnil(L);
    lua_pushnil(L);
    lua_pushvalue(L, 1);
    return 4;
}

void dks_replace_file_functions(lua_State *L) {
    static const luaL_Reg methods[] = {{"read", read}, {"lines", lines}, {NULL, NULL}};
    static const luaL_Reg functions[] = {{"read", io_read}, {"lines", io_lines}, {NULL, NULL}};
    luaL_getmetatable(L, LUA_FILEHANDLE);
    lua_getfield(L, -1, "__index");
    lua_getfield(L, -1, "read");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &own_read);
    luaL_setfuncs(L, methods, 0);
    lua_getglobal(L, "io");
    lua_getfield(L, -1, "open");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &own_open);
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 3);
}
