/* What the library knows of itself: written by the constructor, only read after. */
#ifndef QPOD_STATE_H
#define QPOD_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "resolve.h"
#include "sys.h"

typedef char *const *string_list;

/* The longest LD_PRELOAD entry that can be ours. */
#define ENTRY_ROOM 1024

/* All of it fits into the page that ld.so writes to anyway: another one would cost each start of each program. */
struct state {
	int ready;                     /* the rest is filled in */
	int active;                    /* LD_PRELOAD names us, so the runtime folder is known */
	uint32_t user;                 /* who loaded us */
	uint32_t root_device[2];       /* the root folder when we were loaded */
	uint64_t root_inode;
	struct objects objects;
	size_t entry_length;
	size_t base_length;            /* the runtime folder is the entry's first part */
	char entry[ENTRY_ROOM];        /* our entry of LD_PRELOAD, as it stands there */
};

extern struct state state;

extern char **environ __attribute__((weak));

/* For calls out of another library's constructor that ran before ours. */
void make_ready(void);

/* BASE/name, in a room of ENTRY_ROOM. */
const char *runtime_file(const char *name, char *room);

#endif
