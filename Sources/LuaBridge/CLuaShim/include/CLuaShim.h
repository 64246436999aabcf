// The only code that touches Lua. Swift sees values as flat arrays of nodes and functions that return a status:
// everything that can raise a Lua error runs inside a protected call, so no longjmp ever crosses a Swift frame.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct dks_state dks_state;

enum {
    DKS_NIL,
    DKS_BOOL,     // integer
    DKS_INT,      // integer
    DKS_NUMBER,   // number
    DKS_STRING,   // string, length bytes
    DKS_TABLE,    // integer list items, then length pairs of a key string and a value, follow as nodes
    DKS_OBJECT,   // object; towards Lua: type, length native bytes
    DKS_FUNCTION, // type: position in its group; towards Lua: length, the group
    DKS_RELEASED, // an object that `<close>` has released; type
    DKS_INVALID,  // string: why this value cannot cross
};

// One value; a table is followed by its contents, in order.
typedef struct dks_node {
    int32_t tag;
    int32_t type;
    union {
        int64_t integer;
        double number;
        const char *string;
        void *object;
    };
    uint64_t length;
} dks_node;

enum {
    DKS_OK,
    DKS_ERROR,         // towards Lua: the place of the call is put before the message
    DKS_LOCATED_ERROR, // towards Lua: the message already names a place
};

// What Swift hands back: one value without contents in `value`; a table, several results, or an error as a table with
// `message`, `kind` and `code`, in `tree`, an array from malloc. Strings are from malloc; objects carry a reference that
// Lua takes over.
typedef struct dks_reply {
    dks_node value;
    dks_node *tree;
    size_t count;
    int results; // how many; 1 unless Swift says otherwise
} dks_reply;

// The Swift side. None of these may touch the Lua stack, except through the functions below.
typedef struct dks_host {
    // `group` refers to the functions among the arguments, 0 if there are none; Swift must see that it is forgotten.
    int (*call)(void *callable, const dks_node *arguments, size_t count, int64_t group, dks_reply *reply);
    void (*release)(void *object);
    int (*must_stop)(void);
} dks_host;

// Makes the k-th allocation (counted from 1) fail, and `span - 1` after it; span 0 never fails. For tests.
typedef struct dks_memory {
    size_t limit;
    int64_t fail_at;
    int64_t fail_span;
} dks_memory;

// Null if there is not enough memory.
dks_state *dks_open(dks_host host, dks_memory memory);
// Releases everything, objects included. No function of this header may be called on the state afterwards.
void dks_close(dks_state *state);

// Results of the functions below: valid until `dks_leave`, which must follow each of them, failed or not.
typedef struct dks_results {
    const dks_node *nodes;
    size_t count;
    int64_t group; // as in `dks_host.call`
    int base;
} dks_results;

// Compiles text (never bytecode); the result is one function.
int dks_load(dks_state *state, const char *text, size_t length, const char *name, dks_results *results);
int dks_load_file(dks_state *state, const char *path, dks_results *results);
// Calls a function with a tree of arguments; the caller keeps the tree and frees it.
int dks_invoke(dks_state *state, dks_node function, dks_node *arguments, size_t count, dks_results *results);
void dks_leave(dks_state *state, dks_results *results);
// The callable behind a method or function of Swift; null for any other function.
void *dks_callable_of(dks_state *state, dks_node function);
// From now on calls a Lua function, without arguments, for each new error, while the functions that it ends can still be
// looked at: their levels begin at 3 there.
int dks_set_witness(dks_state *state, dks_node function, dks_results *results);
// Drops references to functions. Returns a status, with nothing to leave.
int dks_forget(dks_state *state, const int64_t *groups, size_t count);
// Frees a tree and releases the objects in it that Lua has not taken.
void dks_free_tree(dks_state *state, dks_node *nodes, size_t count);

// What the last failed function raised. The strings are valid until `dks_leave`.
typedef struct dks_failure {
    const char *message;
    size_t message_length;
    const char *traceback; // or null
    size_t traceback_length;
    int64_t code; // 0 if the error is no KitError
    bool is_memory; // Lua had not enough memory
} dks_failure;
dks_failure dks_last_failure(dks_state *state, const dks_results *results);

typedef struct dks_method {
    const char *name;
    void *callable;
} dks_method;

// Makes a type of native object known under a number. Names with two underscores become metamethods; `__index` is asked
// for what is no method, `__newindex` for every assignment, `__pairs` gives a table to walk.
int dks_bind(dks_state *state, int32_t type, const char *name, const dks_method *methods, size_t count);

// Several threads may use one interpreter in turns. Each begins a coroutine. It leaves the interpreter when another
// thread takes its turn, and takes it again with the place that leaving returned.
int dks_begin_turns(dks_state *state);
void dks_end_turns(dks_state *state);
void *dks_leave_turn(dks_state *state);
void dks_take_turn(dks_state *state, void *place);

// Unwinds all Lua code that is running, up to the outermost call; no pcall stops it.
void dks_stop(dks_state *state);
// Whether Lua code is running.
int dks_is_running(const dks_state *state);
size_t dks_bytes_in_use(const dks_state *state);
// Native bytes that live objects have charged.
size_t dks_native_bytes(const dks_state *state);
int64_t dks_allocations(const dks_state *state);
