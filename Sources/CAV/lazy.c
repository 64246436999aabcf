#include "CAV.h"
#include "CLazy.h"

#include <dlfcn.h>
#include <stddef.h>

enum { avutil, avcodec, avformat, swresample, swscale, avfilter, library_count };

#define TEXT(number) #number
#define LIBRARY(name, version) LAZY_LIBRARY("lib" #name ".so." TEXT(version))
static struct lazy_library libraries[library_count] = {
    [avutil] = LIBRARY(avutil, LIBAVUTIL_VERSION_MAJOR),
    [avcodec] = LIBRARY(avcodec, LIBAVCODEC_VERSION_MAJOR),
    [avformat] = LIBRARY(avformat, LIBAVFORMAT_VERSION_MAJOR),
    [swresample] = LIBRARY(swresample, LIBSWRESAMPLE_VERSION_MAJOR),
    [swscale] = LIBRARY(swscale, LIBSWSCALE_VERSION_MAJOR),
    [avfilter] = LIBRARY(avfilter, LIBAVFILTER_VERSION_MAJOR),
};

const char *dubkit_open_av(void) {
    for (int library = 0; library < avfilter; library++) {
        const char *reason = lazy_open(&libraries[library]);
        if (reason) return reason;
    }
    return NULL;
}

// Rubber Band, which libavfilter calls, would write warnings about its buffers to the terminal. Level 0 still writes them.
static void silence_rubberband(void) {
    void *library = dlopen("librubberband.so.2", RTLD_LAZY | RTLD_NOLOAD);
    if (!library) return;
    void (*set_level)(int) = (void (*)(int))dlsym(library, "rubberband_set_default_debug_level");
    if (set_level) set_level(-1);
    dlclose(library);
}

const char *dubkit_open_avfilter(void) {
    const char *reason = lazy_open(&libraries[avfilter]);
    if (!reason) silence_rubberband();
    return reason;
}

#define FUNCTION(library, result, name, parameters, arguments) \
    LAZY_FUNCTION(&libraries[library], result, name, parameters, arguments)
#include "functions.h"
