/* The functions behind ours: libc's, or those of another library that was preloaded after us.
 *
 * What dlsym(RTLD_NEXT) would answer, without dlsym: that one takes a lock, allocates when a name is missing,
 * lives in another library before glibc 2.34, and asking for all names costs more at each start of each program
 * than the whole rest of the library. */
#ifndef QPOD_RESOLVE_H
#define QPOD_RESOLVE_H

#include <stdint.h>

#define OBJECTS_MAX 8

/* A loaded file that may define some of the functions. */
struct object {
	uintptr_t base;
	const uintptr_t *dynamic;
};

struct objects {
	unsigned count;
	struct object list[OBJECTS_MAX];
};

/* For the constructor: which objects come after us. They are there from the start, so they stay. */
void remember_objects(struct objects *objects);

/* The function's address, or NULL. Takes no lock, allocates and writes nothing. */
void *find_next(const struct objects *objects, const char *name);

#endif
