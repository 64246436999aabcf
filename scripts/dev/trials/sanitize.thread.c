// Tells ThreadSanitizer of the locks that it cannot see: Swift's Mutex takes a free lock in code that is compiled into the
// kit, and so instrumented, but waits for one inside a library that is not. Preloaded by sanitize.py.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

// Absent from programs that are not instrumented.
__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void lock(uint32_t thread, SELF void *self) __asm__(LOCK);
SWIFT bool try_lock(SELF void *self) __asm__(TRY);
SWIFT void unlock(SELF void *self) __asm__(UNLOCK);

typedef SWIFT void lock_function(uint32_t thread, SELF void *self);
typedef SWIFT bool try_function(SELF void *self);
typedef SWIFT void unlock_function(SELF void *self);

static lock_function *real_lock;
static try_function *real_try;
static unlock_function *real_unlock;

// Before there are threads: dlsym itself takes a lock.
__attribute__((constructor)) static void find(void) {
    real_lock = (lock_function *)dlsym(RTLD_NEXT, LOCK);
    real_try = (try_function *)dlsym(RTLD_NEXT, TRY);
    real_unlock = (unlock_function *)dlsym(RTLD_NEXT, UNLOCK);
}

SWIFT void lock(uint32_t thread, SELF void *self) {
    real_lock(thread, self);
    if (__tsan_acquire) __tsan_acquire(self);
}

SWIFT bool try_lock(SELF void *self) {
    bool is_taken = real_try(self);
    if (is_taken && __tsan_acquire) __tsan_acquire(self);
    return is_taken;
}

SWIFT void unlock(SELF void *self) {
    if (__tsan_release) __tsan_release(self);
    real_unlock(self);
}
