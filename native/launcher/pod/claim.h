/* Whose a pod's layers are: the first process claims them for as long as it lives, wherever its entry is. */
#ifndef QPOD_CLAIM_H
#define QPOD_CLAIM_H

#include <stdint.h>
#include <sys/types.h>

#include "../../format/operation.h"

/* OP_CLAIM, in the first process. 0, or -1 after reporting. */
int claim_layers(const char *path);

/* The first process that has claimed what this list would claim, once its namespaces can be joined: its pid, or 0 when
 * nobody has. Entries are in a folder that the system may empty, and each login may have another. */
pid_t find_claimant(const struct operation_list *list, uint64_t *start_time);

#endif
