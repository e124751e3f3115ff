/* What a launcher that may not join a pod asks of the process that serves it: a command with all that it inherits.
 *
 * One message: a fixed header, which carries the descriptors, then their numbers, then NUL-terminated strings: pod, name,
 * path, fallback, directory, the arguments, the variables. Both ends are this program, but the pod's may be an older one. */
#ifndef QPOD_REQUEST_H
#define QPOD_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "../base/process_state.h"
#include "enter.h"

#define REQUEST_VERSION 1u
#define REQUEST_DESCRIPTORS 253 /* the kernel passes no more at once */
#define REQUEST_MAX (64u << 20)

struct request {
	struct errand errand; /* its paths as in the pod */
	struct process_state state;
	int descriptor[REQUEST_DESCRIPTORS]; /* where number[i] of the caller is here */
	int number[REQUEST_DESCRIPTORS];
	int descriptors;
};

/* What the server tells of the command: eight bytes each. The launcher sends signals in the same form. */
enum notice_kind {
	NOTICE_SIGNAL = 1,  /* to the command: value, SIGNAL_ALONE added for the command without its children */
	NOTICE_STOPPED = 2, /* by signal value */
	NOTICE_EXITED = 3,  /* with status value */
	NOTICE_KILLED = 4,  /* by signal value */
};

#define SIGNAL_ALONE 256

struct notice {
	uint32_t kind;
	int32_t value;
};

/* Fills in the descriptors that a program started now would inherit. 0 or -errno: -EMFILE for too many. */
int list_descriptors(struct request *request);

/* 0 or -errno. */
int send_request(int socket, const struct request *request);

/* 0 or -errno: -EPROTO when it is none, or of another version. The strings live as long as this process. */
int receive_request(int socket, struct request *request);

int send_notice(int socket, enum notice_kind kind, int value);

/* 1, 0 at the end, or -errno. */
int receive_notice(int socket, struct notice *notice);

#endif
