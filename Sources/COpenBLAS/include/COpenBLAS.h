// What the kit calls of OpenBLAS, which is opened by the first call into it, not with the program: it is large, and starts
// a thread for each core, each of which waits for work at full speed for a while.
#pragma once

#include <cblas.h>
#include <stddef.h>

// OpenBLAS holds LAPACK too, but its C declarations are in no package that the kit needs. Fortran passes everything by
// reference, and the lengths of the strings last.
void dsyevr_(const char *job, const char *range, const char *triangle, const blasint *n, double *a, const blasint *lda,
             const double *lowest, const double *highest, const blasint *first, const blasint *last,
             const double *tolerance, blasint *value_count, double *values, double *vectors, const blasint *ldz,
             blasint *support, double *work, const blasint *work_size, blasint *int_work, const blasint *int_work_size,
             blasint *info, size_t job_length, size_t range_length, size_t triangle_length);

// A X = B by LU factorisation with partial pivoting; all matrices column after column, overwritten.
void dgesv_(const blasint *n, const blasint *nrhs, double *a, const blasint *lda, blasint *ipiv, double *b,
            const blasint *ldb, blasint *info);

// Opens the library with one thread. Null, or why it cannot be had.
const char *dubkit_open_blas(void);
