#include "CMPI.h"
#include "CLazy.h"

#include <mpi/mpi.h>
#include <stdlib.h>
#include <string.h>

#ifndef OPEN_MPI
#error "mpi.h is not Open MPI's: other implementations have a different binary interface"
#endif

static struct lazy_library library = LAZY_LIBRARY("libmpi.so.40");

#define CALL(name) ((__typeof__(&name))lazy_find(&library, #name))

static MPI_Comm world(void) { return lazy_find(&library, "ompi_mpi_comm_world"); }
static MPI_Datatype byte(void) { return lazy_find(&library, "ompi_mpi_byte"); }

const char *dubkit_open_mpi(void) { return lazy_open(&library); }

void dubkit_mpi_version(char *text, size_t size) {
    text[0] = 0;
    if (lazy_open(&library)) return;
    char version[MPI_MAX_LIBRARY_VERSION_STRING] = "";
    int length = 0;
    CALL(MPI_Get_library_version)(version, &length);
    strncpy(text, version, size - 1);
    text[size - 1] = 0;
}

int dubkit_mpi_start(int *rank, int *size) {
    // Most containers forbid copying from another process's memory, and Open MPI then fails instead of copying in the
    // other way. A setting of the user is kept.
    setenv("OMPI_MCA_btl_vader_single_copy_mechanism", "none", 0);
    int provided = 0;
    int code = CALL(MPI_Init_thread)(NULL, NULL, MPI_THREAD_SERIALIZED, &provided);
    if (code) return code;
    code = CALL(MPI_Comm_set_errhandler)(world(), lazy_find(&library, "ompi_mpi_errors_return"));
    if (!code) code = CALL(MPI_Comm_rank)(world(), rank);
    return code ? code : CALL(MPI_Comm_size)(world(), size);
}

int dubkit_mpi_end(void) { return CALL(MPI_Finalize)(); }

void dubkit_mpi_abort(int status) { CALL(MPI_Abort)(world(), status); }

int dubkit_mpi_send(const void *bytes, int count, int to, int tag, dubkit_mpi_request *request) {
    return CALL(MPI_Isend)(bytes, count, byte(), to, tag, world(), (MPI_Request *)request);
}

int dubkit_mpi_receive(void *bytes, int count, int from, int tag, dubkit_mpi_request *request) {
    return CALL(MPI_Irecv)(bytes, count, byte(), from, tag, world(), (MPI_Request *)request);
}

int dubkit_mpi_test(dubkit_mpi_request *request, int *is_done, int *count) {
    MPI_Status status;
    *count = 0;
    int code = CALL(MPI_Test)((MPI_Request *)request, is_done, &status);
    if (code || !*is_done) return code;
    *request = NULL;
    return CALL(MPI_Get_count)(&status, byte(), count);
}

void dubkit_mpi_cancel(dubkit_mpi_request *request) {
    if (!*request) return;
    CALL(MPI_Cancel)((MPI_Request *)request);
    CALL(MPI_Request_free)((MPI_Request *)request);
    *request = NULL;
}

int dubkit_mpi_probe(int tag, int *has_come, int *from, int *count) {
    MPI_Status status;
    int code = CALL(MPI_Iprobe)(MPI_ANY_SOURCE, tag, world(), has_come, &status);
    if (code || !*has_come) return code;
    *from = status.MPI_SOURCE;
    return CALL(MPI_Get_count)(&status, byte(), count);
}

void dubkit_mpi_error(int code, char *text, size_t size) {
    char words[MPI_MAX_ERROR_STRING] = "unknown error";
    int length = 0;
    CALL(MPI_Error_string)(code, words, &length);
    strncpy(text, words, size - 1);
    text[size - 1] = 0;
}
