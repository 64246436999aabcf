#include "CAV.h"
#include "CLazy.h"

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

const char *dubkit_open_avfilter(void) { return lazy_open(&libraries[avfilter]); }

#define FUNCTION(library, result, name, parameters, arguments) \
    LAZY_FUNCTION(&libraries[library], result, name, parameters, arguments)
#include "functions.h"
