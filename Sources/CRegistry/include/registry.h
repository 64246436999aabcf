// The linker gathers every entry that a plugin file puts into the section "dubkit_plugins", and those of other types of
// object that Lua can hold in "dubkit_script_types"; these functions bound the arrays.
#pragma once

typedef const void *_Nonnull (*dubkit_plugin_entry)(void);

const dubkit_plugin_entry _Nonnull *_Nullable dubkit_plugins_begin(void);
const dubkit_plugin_entry _Nonnull *_Nullable dubkit_plugins_end(void);
const dubkit_plugin_entry _Nonnull *_Nullable dubkit_script_types_begin(void);
const dubkit_plugin_entry _Nonnull *_Nullable dubkit_script_types_end(void);
