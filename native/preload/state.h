/* What the library knows of itself: written by the constructor, only read after. */
#ifndef QPOD_STATE_H
#define QPOD_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "sys.h"

typedef char *const *string_list;

/* The functions behind ours: libc's, or those of another library that was preloaded after us. */
struct next_functions {
	int (*execv)(const char *, string_list);
	int (*execve)(const char *, string_list, string_list);
	int (*execvp)(const char *, string_list);
	int (*execvpe)(const char *, string_list, string_list);
	int (*fexecve)(int, string_list, string_list);
	int (*execveat)(int, const char *, string_list, string_list, int);
	int (*posix_spawn)(int *, const char *, const void *, const void *, string_list, string_list);
	int (*posix_spawnp)(int *, const char *, const void *, const void *, string_list, string_list);
	int (*pidfd_spawn)(int *, const char *, const void *, const void *, string_list, string_list);
	int (*pidfd_spawnp)(int *, const char *, const void *, const void *, string_list, string_list);
};

struct state {
	int ready;                     /* the functions are resolved */
	int active;                    /* LD_PRELOAD names us, so the runtime folder is known */
	int glibc;
	uint32_t user;                 /* who loaded us */
	struct sys_stat root;          /* the root folder when we were loaded */
	size_t entry_length;
	size_t base_length;            /* the runtime folder is the entry's first part */
	const char *entry;             /* our entry of LD_PRELOAD, as it stands there */
	const char *launch, *policy;   /* BASE/launch, BASE/policy */
	char texts[3 * PATH_ROOM];     /* the three, close together: each page that is touched costs at each start */
};

extern struct state state;
extern struct next_functions next;

extern char **environ __attribute__((weak));

/* For calls out of another library's constructor that ran before ours. */
void make_ready(void);

#endif
