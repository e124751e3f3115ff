/* The policy file, mapped for the length of one question. */
#ifndef QPOD_POLICY_FILE_H
#define QPOD_POLICY_FILE_H

#include "../format/policy.h"

/* 0, or -errno; whatever is wrong with the file's content is -EINVAL. */
long map_policy(struct policy *policy);
void unmap_policy(const struct policy *policy);

#endif
