#include "registry.h"

// Weak: a program without any entry has no such section, and then both are null.
extern const dubkit_plugin_entry __start_dubkit_plugins[] __attribute__((weak));
extern const dubkit_plugin_entry __stop_dubkit_plugins[] __attribute__((weak));

extern const dubkit_plugin_entry __start_dubkit_script_types[] __attribute__((weak));
extern const dubkit_plugin_entry __stop_dubkit_script_types[] __attribute__((weak));

const dubkit_plugin_entry *dubkit_plugins_begin(void) { return __start_dubkit_plugins; }
const dubkit_plugin_entry *dubkit_plugins_end(void) { return __stop_dubkit_plugins; }
const dubkit_plugin_entry *dubkit_script_types_begin(void) { return __start_dubkit_script_types; }
const dubkit_plugin_entry *dubkit_script_types_end(void) { return __stop_dubkit_script_types; }
