/* The policy file, at hand for the length of one question. */
#ifndef QPOD_POLICY_FILE_H
#define QPOD_POLICY_FILE_H

#include "../format/policy.h"

/* A policy of a few environments and a few dozen repositories fits, and of any other the part that
 * nearly every question needs. */
#define POLICY_ROOM 8192

struct policy_file {
	struct policy policy;
	int descriptor;             /* while more than what is in the room may be wanted, else -1 */
	int mapped;
	unsigned char room[POLICY_ROOM];
};

/* 0, or -errno; whatever is wrong with the file's content is -EINVAL. */
long open_policy_file(struct policy_file *file);

/* Brings the rest, if there is any that was not at hand. 0, or -errno. */
long complete_policy_file(struct policy_file *file);

void close_policy_file(struct policy_file *file);

#endif
