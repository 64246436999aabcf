// Preloaded into a program, makes its K-th operation on files of one folder fail, or kills it there.
//
//   FAULTS_FOLDER  the folder; operations elsewhere are neither counted nor touched
//   FAULTS_AT      K, from 1; the operation is named in the file FAULTS_REPORT
//   FAULTS_ERRNO   what the operation fails with; 0 kills the process by SIGKILL
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_long count;

static void report(const char *operation) {
    int file = (int)syscall(SYS_openat, AT_FDCWD, getenv("FAULTS_REPORT"), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (file < 0) return;
    syscall(SYS_write, file, operation, strlen(operation));
    syscall(SYS_close, file);
}

static int is_watched(const char *path) {
    const char *folder = getenv("FAULTS_FOLDER");
    return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_open_there(int descriptor) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return is_watched(path);
}

// Counts an operation on a watched file; whether it is the one that fails. Sets errno.
static int fails(const char *operation, int watched) {
    if (!watched || !getenv("FAULTS_AT") || atomic_fetch_add(&count, 1) + 1 != atol(getenv("FAULTS_AT"))) return 0;
    report(operation);
    int reason = atoi(getenv("FAULTS_ERRNO"));
    if (reason == 0) kill(getpid(), SIGKILL);
    errno = reason;
    return 1;
}

#define REAL(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))

// Opening to read is left alone, but for folders, which are opened to be synced.
static int opens_to_change(int flags) { return (flags & O_ACCMODE) != O_RDONLY || flags & O_DIRECTORY; }

#define OPEN(name)                                                                             \
    int name(const char *path, int flags, ...) {                                               \
        va_list more;                                                                          \
        va_start(more, flags);                                                                 \
        mode_t mode = va_arg(more, mode_t);                                                    \
        va_end(more);                                                                          \
        if (fails("open", opens_to_change(flags) && is_watched(path))) return -1;              \
        return REAL(name)(path, flags, mode);                                                  \
    }
OPEN(open)
OPEN(open64)

FILE *fopen(const char *path, const char *mode) {
    if (fails("open", mode[0] != 'r' && is_watched(path))) return NULL;
    return REAL(fopen)(path, mode);
}

ssize_t write(int descriptor, const void *bytes, size_t size) {
    if (fails("write", is_open_there(descriptor))) return -1;
    return REAL(write)(descriptor, bytes, size);
}

int fsync(int descriptor) {
    if (fails("fsync", is_open_there(descriptor))) return -1;
    return REAL(fsync)(descriptor);
}

// The descriptor is gone all the same.
int close(int descriptor) {
    int failed = fails("close", is_open_there(descriptor)), reason = errno;
    int status = REAL(close)(descriptor);
    if (!failed) return status;
    errno = reason;
    return -1;
}

int rename(const char *from, const char *to) {
    if (fails("rename", is_watched(to))) return -1;
    return REAL(rename)(from, to);
}

int mkdir(const char *path, mode_t mode) {
    if (fails("mkdir", is_watched(path))) return -1;
    return REAL(mkdir)(path, mode);
}

int ftruncate(int descriptor, off_t size) {
    if (fails("ftruncate", is_open_there(descriptor))) return -1;
    return REAL(ftruncate)(descriptor, size);
}

int ftruncate64(int descriptor, off64_t size) {
    if (fails("ftruncate", is_open_there(descriptor))) return -1;
    return REAL(ftruncate64)(descriptor, size);
}

int posix_fallocate(int descriptor, off_t from, off_t size) {
    if (fails("fallocate", is_open_there(descriptor))) return errno;
    return REAL(posix_fallocate)(descriptor, from, size);
}
