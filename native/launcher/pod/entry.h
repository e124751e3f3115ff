/* How to get into a running pod: the entry file. */
#ifndef QPOD_ENTRY_H
#define QPOD_ENTRY_H

#include "../../format/operation.h"
#include "../base/files.h"
#include "../base/runtime.h"

#define ENTRY_MAX (4u << 20)

enum entry_state {
	ENTRY_ALIVE,
	ENTRY_GONE,     /* no file, the pod has ended, or the file is unreadable: it is made again */
	ENTRY_CHANGED,  /* alive, but made from another definition */
	ENTRY_FOREIGN,  /* somebody else could have written it: reported, never used */
};

struct entry {
	struct bytes bytes;
	struct operation_list list;
	int pin;          /* descriptor of the first process */
	pid_t pid;
	uint64_t start_time;
	uint64_t definition;
	uint64_t serves;  /* its namespaces cannot be joined: the inode of the mount namespace in which commands are served */
};

enum entry_state entry_open(const struct runtime *runtime, const char *pod, uint64_t definition, struct entry *entry);
void entry_close(struct entry *entry);

/* Writes an entry whose OP_POD gets pid and start time. 0 or -errno. */
int entry_write(const char *path, const void *blob, size_t size, pid_t pid, uint64_t start_time);

#endif
