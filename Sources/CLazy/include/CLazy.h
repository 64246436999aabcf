// Libraries that are opened by the first call into them, not with the program: a start without them is several times as
// fast.
#pragma once

#include <pthread.h>

// Begins with file_name and LAZY_LIBRARY, the rest is null.
struct lazy_library {
    const char *_Nonnull file_name;
    pthread_mutex_t lock;
    void *_Nullable handle;
    // Why it cannot be had; which is tried only once.
    char *_Nullable reason;
};

#define LAZY_LIBRARY(name) {.file_name = (name), .lock = PTHREAD_MUTEX_INITIALIZER}

// Opens a library. Null, or why it cannot be had.
const char *_Nullable lazy_open(struct lazy_library *_Nonnull library);

// A function of a library. A caller that has not asked whether the library can be had ends like a program that was linked
// to it.
void *_Nonnull lazy_find(struct lazy_library *_Nonnull library, const char *_Nonnull name);

// Defines a function by its library's name for it, which opens the library and calls what it finds there. The compiler
// holds it to the library's header.
//
// It is hidden: the library's own parts call one another, and must not find this one first.
#define LAZY_FUNCTION(library, result, name, parameters, arguments)  \
    __attribute__((visibility("hidden")))                            \
    result name parameters {                                         \
        static void *_Atomic found;                                  \
        void *function = found;                                      \
        if (!function) found = function = lazy_find(library, #name); \
        return ((__typeof__(&name))function) arguments;              \
    }
