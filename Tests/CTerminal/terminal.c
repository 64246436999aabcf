#define _GNU_SOURCE
#include "CTerminal.h"
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int spawn(
    const char *program, char *const arguments[], char *const environment[], const char *folder, const char *device,
    pid_t *process) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    // The first terminal that the leader of a session opens becomes the session's own.
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    posix_spawn_file_actions_addopen(&actions, 0, device, O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&actions, 0, 1);
    posix_spawn_file_actions_adddup2(&actions, 0, 2);
    posix_spawn_file_actions_addchdir_np(&actions, folder);
    int status = posix_spawn(process, program, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return status;
}

int terminal_start(
    const char *program, char *const arguments[], char *const environment[], const char *folder, unsigned short rows,
    unsigned short columns, int *terminal, pid_t *process) {
    char device[64];
    struct winsize size = {.ws_row = rows, .ws_col = columns};
    *terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*terminal < 0) return errno;
    if (grantpt(*terminal) || unlockpt(*terminal) || ptsname_r(*terminal, device, sizeof device)
        || ioctl(*terminal, TIOCSWINSZ, &size)) {
        int status = errno;
        close(*terminal);
        return status;
    }
    int status = spawn(program, arguments, environment, folder, device, process);
    if (status) close(*terminal);
    return status;
}
