/* A child of the process API: what it is to become, read from a request, and how it gets there. */
#ifndef QPOD_CHILD_H
#define QPOD_CHILD_H

#include "../../format/operation.h"
#include "../pod/entry.h"

#define DESCRIPTORS_MAX 128

struct descriptor {
	int target;    /* its number in the child */
	unsigned kind; /* SOURCE_* */
	int fd;        /* what becomes it; -1 until it is made */
	int far;       /* the other end of a pipe, which stays with us; -1 for none */
};

struct child {
	uint32_t number;
	struct operation_list list;
	char **argv, **envp; /* envp has room for one more */
	const char *session; /* the launcher of the session that we are in, or NULL */
	struct descriptor descriptor[DESCRIPTORS_MAX];
	unsigned descriptors;
	size_t at;           /* how far the list is carried out */
	int go;              /* one byte here lets it go on; -1 for none */
	int waits, forks;    /* it waits there; it may take long, so nobody can wait for it as vfork does */
	const struct operation_list *entry; /* of the environment that it is in, or NULL */
};

/* Reads the request; the list must stay. 0 or -errno. */
int child_read(struct child *child, const struct operation_list *list);

/* Makes the pipes whose far ends stay with us. 0 or -errno. */
int child_make_pipes(struct child *child);

/* Writes where the caller finds its ends of the pipes; nothing when it has none. */
void child_tell_pipes(const struct child *child, int fd, pid_t holder);

/* Carries the list out in this very process, which becomes the program. Failures are status records on report_fd. */
_Noreturn void child_become(struct child *child);

/* Gives back what child_read took. */
void child_forget(struct child *child);

#endif
