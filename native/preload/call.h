/* One call of the exec family, whichever it was. */
#ifndef QPOD_CALL_H
#define QPOD_CALL_H

#include "state.h"

enum call_kind {
	CALL_EXECV, CALL_EXECVE, CALL_EXECVP, CALL_EXECVPE, CALL_FEXECVE, CALL_EXECVEAT,
	CALL_SPAWN, CALL_SPAWNP, CALL_PIDFD_SPAWN, CALL_PIDFD_SPAWNP,
};

struct call {
	enum call_kind kind;
	const char *path;
	string_list arguments, variables;
	int fd, flags;                   /* fexecve, execveat */
	int *result;                     /* posix_spawn and its like: pid or pidfd */
	const void *actions, *attributes;
};

/* Takes the call's road. Returns what the called function would. */
int make_call(const struct call *call);

#endif
