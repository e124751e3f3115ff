/* The children that run, each in a place of its own: what is known of them, and which of their pipes are still open. */
#ifndef QPOD_RUNNING_H
#define QPOD_RUNNING_H

#include <stdint.h>
#include <sys/types.h>

#include "child.h"

struct running {
	int used, has_ended, has_failed;
	uint32_t number;
	pid_t pid;
	int status;  /* its reports; -1 once it is the program */
	int notify;  /* for OP_HANDSHAKE; -1 */
	unsigned descriptors;
	struct descriptor descriptor[DESCRIPTORS_MAX]; /* whose far ends are ours */
};

/* A place that is free, made if there is none; NULL without memory. It counts as taken once its `used` is set. */
struct running *take_place(uint32_t *place);

/* What has that place, or that number, or that pid and has not ended. NULL: nothing. */
struct running *at_place(uint32_t place);
struct running *find_number(uint32_t number);
struct running *find_pid(pid_t pid);

void close_if_open(int *fd);

/* Its place is free once there is nothing more to come. */
void settle(struct running *one);

#endif
