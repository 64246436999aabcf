// Compiled into every plugin in a file of its own by `dubkit plugin build`, which finds it in lib/dubkit.
#include "modules/CRegistry/registry.h"
#include <stdint.h>

// Hidden: the bounds of this library's own sections, never of the program's.
#define BOUND __attribute__((weak, visibility("hidden")))
extern const dubkit_plugin_entry __start_dubkit_plugins[] BOUND;
extern const dubkit_plugin_entry __stop_dubkit_plugins[] BOUND;
extern const dubkit_plugin_entry __start_dubkit_script_types[] BOUND;
extern const dubkit_plugin_entry __stop_dubkit_script_types[] BOUND;

dubkit_sections dubkit_plugin_sections(void) {
    return (dubkit_sections){__start_dubkit_plugins, __stop_dubkit_plugins, __start_dubkit_script_types,
                             __stop_dubkit_script_types};
}

// What it was built against, as an ELF note: read before any of its code runs.
static const unsigned char interface[] = {
#embed "interface"
};
static const struct {
    uint32_t owner_size, text_size, type;
    char owner[8];
    unsigned char text[sizeof interface];
} note __attribute__((section(".note.dubkit"), used, aligned(4))) = {
    sizeof "dubkit",
    sizeof interface,
    1,
    "dubkit",
    {
#embed "interface"
    },
};
