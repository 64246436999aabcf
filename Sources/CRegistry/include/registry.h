// The linker gathers every entry that a plugin file puts into the section "dubkit_plugins", and those of other types of
// object that Lua can hold in "dubkit_script_types". The program has such sections, and every plugin that is loaded from a
// file has its own.
#pragma once

typedef const void *_Nonnull (*dubkit_plugin_entry)(void);

// The bounds of both arrays; null where there is no such section.
typedef struct {
    const dubkit_plugin_entry _Nonnull *_Nullable plugins_begin, *_Nullable plugins_end;
    const dubkit_plugin_entry _Nonnull *_Nullable script_types_begin, *_Nullable script_types_end;
} dubkit_sections;

// Those of the program.
dubkit_sections dubkit_program_sections(void);

// The path of the file that some code or data was loaded from, or with null, of the one that has the registry; null if
// there is none.
const char *_Nullable dubkit_file_of(const void *_Nullable address);
