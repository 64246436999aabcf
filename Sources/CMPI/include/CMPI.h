// The functions of Open MPI that the kit calls. The first call opens the library, so users without it lose nothing and
// a single process never loads it. Its communicators and types are addresses inside the library, which only a program
// linked to it can name; this shim looks them up by name.
//
// Functions that return an int return 0, or an error code for `dubkit_mpi_error`.
#pragma once

#include <stddef.h>

// Opens the library. Returns null, or why it failed to load.
const char *_Nullable dubkit_open_mpi(void);

// Writes the library's version, such as "Open MPI v4.1.4, ..."; an empty text if the library failed to load.
void dubkit_mpi_version(char *_Nonnull text, size_t size);

// Joins the processes that were started together. Any thread may make calls, but only one at a time.
int dubkit_mpi_start(int *_Nonnull rank, int *_Nonnull size);

// Leaves the group; waits until all processes do.
int dubkit_mpi_end(void);

// Ends all processes at once, whatever they are doing.
void dubkit_mpi_abort(int status);

typedef void *dubkit_mpi_request;

// Starts to send `count` bytes, or to receive at most `count`. The buffers must remain valid and unchanged until the
// request is done.
int dubkit_mpi_send(const void *_Nullable bytes, int count, int to, int tag, dubkit_mpi_request _Nullable *_Nonnull request);
int dubkit_mpi_receive(void *_Nullable bytes, int count, int from, int tag, dubkit_mpi_request _Nullable *_Nonnull request);

// Tests whether a request is done, and how many bytes were received. A request that is done becomes null.
int dubkit_mpi_test(dubkit_mpi_request _Nullable *_Nonnull request, int *_Nonnull is_done, int *_Nonnull count);

// Cancels a request.
void dubkit_mpi_cancel(dubkit_mpi_request _Nullable *_Nonnull request);

// Tests whether a message with this tag has arrived, from which rank, and with how many bytes.
int dubkit_mpi_probe(int tag, int *_Nonnull has_come, int *_Nonnull from, int *_Nonnull count);

// Writes the text of an error.
void dubkit_mpi_error(int code, char *_Nonnull text, size_t size);
