// Functions by FFmpeg's names that open its libraries when they are first called, and call what they find there.
//
// They are hidden: FFmpeg's libraries call one another, and must not find these first.
#include "CAV.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { avutil, avcodec, avformat, swresample, swscale, libraries };

#define TEXT(number) #number
#define FILE_NAME(name, version) "lib" #name ".so." TEXT(version)
static const char *const file_names[libraries] = {
    [avutil] = FILE_NAME(avutil, LIBAVUTIL_VERSION_MAJOR),
    [avcodec] = FILE_NAME(avcodec, LIBAVCODEC_VERSION_MAJOR),
    [avformat] = FILE_NAME(avformat, LIBAVFORMAT_VERSION_MAJOR),
    [swresample] = FILE_NAME(swresample, LIBSWRESAMPLE_VERSION_MAJOR),
    [swscale] = FILE_NAME(swscale, LIBSWSCALE_VERSION_MAJOR),
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *handles[libraries];
static char *reasons[libraries];

// The library's handle; null if it cannot be had, which is tried only once.
static void *handle(int library) {
    pthread_mutex_lock(&lock);
    if (!handles[library] && !reasons[library]) {
        handles[library] = dlopen(file_names[library], RTLD_LAZY | RTLD_LOCAL);
        if (!handles[library]) reasons[library] = strdup(dlerror());
    }
    pthread_mutex_unlock(&lock);
    return handles[library];
}

const char *dubkit_open_av(void) {
    for (int library = 0; library < libraries; library++) {
        if (!handle(library)) return reasons[library];
    }
    return NULL;
}

// A caller that has not asked whether the libraries can be had ends like a program that was linked to them.
static void *find(int library, const char *name) {
    void *function = handle(library) ? dlsym(handles[library], name) : NULL;
    if (function) return function;
    fprintf(stderr, "dubkit: %s of FFmpeg cannot be had: %s\n", name, reasons[library] ? reasons[library] : dlerror());
    exit(EX_CONFIG);
}

#define FUNCTION(library, result, name, parameters, arguments)  \
    __attribute__((visibility("hidden")))                       \
    result name parameters {                                    \
        static void *_Atomic found;                             \
        void *function = found;                                 \
        if (!function) found = function = find(library, #name); \
        return ((__typeof__(&name))function) arguments;         \
    }
#include "functions.h"
