#include "CLazy.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

const char *lazy_open(struct lazy_library *library) {
    pthread_mutex_lock(&library->lock);
    if (!library->handle && !library->reason) {
        library->handle = dlopen(library->file_name, RTLD_LAZY | RTLD_LOCAL);
        if (!library->handle) library->reason = strdup(dlerror());
    }
    pthread_mutex_unlock(&library->lock);
    return library->reason;
}

void *lazy_find(struct lazy_library *library, const char *name) {
    const char *reason = lazy_open(library);
    void *function = reason ? NULL : dlsym(library->handle, name);
    if (function) return function;
    fprintf(stderr, "dubkit: %s of %s cannot be had: %s\n", name, library->file_name, reason ? reason : dlerror());
    exit(EX_CONFIG);
}
