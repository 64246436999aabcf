#include "COpenBLAS.h"
#include "CLazy.h"

#include <stdlib.h>
#include <string.h>

static struct lazy_library library = LAZY_LIBRARY("libopenblas.so.0");
static pthread_once_t once = PTHREAD_ONCE_INIT;

// The pool owns the cores, and OpenBLAS works inside its tiles: it must not start threads of its own, which it does as it
// is opened, by this variable. The user's value is put back for programs that this one starts.
static void open_with_one_thread(void) {
    static const char variable[] = "OPENBLAS_NUM_THREADS";
    const char *value = getenv(variable);
    char *kept = value ? strdup(value) : NULL;
    setenv(variable, "1", 1);
    lazy_open(&library);
    if (kept) {
        setenv(variable, kept, 1);
    } else {
        unsetenv(variable);
    }
    free(kept);
}

const char *dubkit_open_blas(void) {
    pthread_once(&once, open_with_one_thread);
    return lazy_open(&library);
}

static struct lazy_library *opened(void) {
    dubkit_open_blas();
    return &library;
}

#define FUNCTION(result, name, parameters, arguments) LAZY_FUNCTION(opened(), result, name, parameters, arguments)

FUNCTION(char *, openblas_get_config, (void), ())
FUNCTION(void, cblas_sgemm,
    (OPENBLAS_CONST enum CBLAS_ORDER order, OPENBLAS_CONST enum CBLAS_TRANSPOSE transpose_a,
     OPENBLAS_CONST enum CBLAS_TRANSPOSE transpose_b, OPENBLAS_CONST blasint m, OPENBLAS_CONST blasint n,
     OPENBLAS_CONST blasint k, OPENBLAS_CONST float alpha, OPENBLAS_CONST float *a, OPENBLAS_CONST blasint lda,
     OPENBLAS_CONST float *b, OPENBLAS_CONST blasint ldb, OPENBLAS_CONST float beta, float *c,
     OPENBLAS_CONST blasint ldc),
    (order, transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc))
FUNCTION(void, cblas_dgemm,
    (OPENBLAS_CONST enum CBLAS_ORDER order, OPENBLAS_CONST enum CBLAS_TRANSPOSE transpose_a,
     OPENBLAS_CONST enum CBLAS_TRANSPOSE transpose_b, OPENBLAS_CONST blasint m, OPENBLAS_CONST blasint n,
     OPENBLAS_CONST blasint k, OPENBLAS_CONST double alpha, OPENBLAS_CONST double *a, OPENBLAS_CONST blasint lda,
     OPENBLAS_CONST double *b, OPENBLAS_CONST blasint ldb, OPENBLAS_CONST double beta, double *c,
     OPENBLAS_CONST blasint ldc),
    (order, transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc))
FUNCTION(void, dsyevr_,
    (const char *job, const char *range, const char *triangle, const blasint *n, double *a, const blasint *lda,
     const double *lowest, const double *highest, const blasint *first, const blasint *last, const double *tolerance,
     blasint *value_count, double *values, double *vectors, const blasint *ldz, blasint *support, double *work,
     const blasint *work_size, blasint *int_work, const blasint *int_work_size, blasint *info, size_t job_length,
     size_t range_length, size_t triangle_length),
    (job, range, triangle, n, a, lda, lowest, highest, first, last, tolerance, value_count, values, vectors, ldz, support, work,
     work_size, int_work, int_work_size, info, job_length, range_length, triangle_length))
FUNCTION(void, dgesv_,
    (const blasint *n, const blasint *nrhs, double *a, const blasint *lda, blasint *ipiv, double *b, const blasint *ldb,
     blasint *info),
    (n, nrhs, a, lda, ipiv, b, ldb, info))
