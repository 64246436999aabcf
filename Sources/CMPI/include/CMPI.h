// What the kit calls of Open MPI, which is opened by the first call into it: a user without it loses nothing, and one
// process alone never loads it. Its communicators and types are addresses inside the library, which only a program that
// is linked to it can name; this shim finds them by name.
//
// All functions but the first return 0, or the reason for a failure as `dubkit_mpi_error` words it.
#pragma once

#include <stddef.h>

// Opens the library. Null, or why it cannot be had.
const char *_Nullable dubkit_open_mpi(void);

// "Open MPI v4.1.4, ..."; an empty text if the library cannot be had.
void dubkit_mpi_version(char *_Nonnull text, size_t size);

// Joins the processes that were started together. The calling threads may change, but call one at a time.
int dubkit_mpi_start(int *_Nonnull rank, int *_Nonnull size);

// Leaves them; waits until all do.
int dubkit_mpi_end(void);

// Ends all processes at once, whatever they do.
void dubkit_mpi_abort(int status);

typedef void *dubkit_mpi_request;

// Starts to send bytes, or to receive as many or fewer. The buffers must stay as they are until the request is done.
int dubkit_mpi_send(const void *_Nullable bytes, int count, int to, int tag, dubkit_mpi_request _Nullable *_Nonnull request);
int dubkit_mpi_receive(void *_Nullable bytes, int count, int from, int tag, dubkit_mpi_request _Nullable *_Nonnull request);

// Whether a request is done, and how many bytes were received. A request that is done is null from then on.
int dubkit_mpi_test(dubkit_mpi_request _Nullable *_Nonnull request, int *_Nonnull is_done, int *_Nonnull count);

// Gives a request up.
void dubkit_mpi_cancel(dubkit_mpi_request _Nullable *_Nonnull request);

// Whether a message with a tag has come from anyone: from whom, and of how many bytes.
int dubkit_mpi_probe(int tag, int *_Nonnull has_come, int *_Nonnull from, int *_Nonnull count);

// The words for a failure.
void dubkit_mpi_error(int code, char *_Nonnull text, size_t size);
