// Starts a program in a pseudo-terminal: glibc's functions for it are extensions, which Swift does not see.
#pragma once
#include <sys/types.h>

// Returns an errno, or 0. `terminal` is the end that plays the keyboard and the screen.
int terminal_start(
    const char *program, char *const arguments[], char *const environment[], const char *folder, unsigned short rows,
    unsigned short columns, int *terminal, pid_t *process);
