#define _GNU_SOURCE // dladdr
#include "registry.h"
#include <dlfcn.h>
#include <stddef.h>

// Weak: a program without any entry has no such section, and then both are null.
extern const dubkit_plugin_entry __start_dubkit_plugins[] __attribute__((weak));
extern const dubkit_plugin_entry __stop_dubkit_plugins[] __attribute__((weak));

extern const dubkit_plugin_entry __start_dubkit_script_types[] __attribute__((weak));
extern const dubkit_plugin_entry __stop_dubkit_script_types[] __attribute__((weak));

dubkit_sections dubkit_program_sections(void) {
    return (dubkit_sections){__start_dubkit_plugins, __stop_dubkit_plugins, __start_dubkit_script_types,
                             __stop_dubkit_script_types};
}

const char *dubkit_file_of(const void *address) {
    Dl_info info;
    return dladdr(address ? address : (const void *)dubkit_program_sections, &info) ? info.dli_fname : NULL;
}
