/* The policy file, at hand for the length of one question. */
#ifndef QPOD_POLICY_FILE_H
#define QPOD_POLICY_FILE_H

#include "../format/policy.h"

/* A policy of a few environments and a few dozen repositories fits. */
#define POLICY_ROOM 8192

struct policy_file {
	struct policy policy;
	int mapped;
	unsigned char room[POLICY_ROOM];
};

/* 0, or -errno; whatever is wrong with the file's content is -EINVAL. */
long open_policy_file(struct policy_file *file);
void close_policy_file(const struct policy_file *file);

#endif
