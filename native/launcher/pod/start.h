/* Making an embedded pod from an operation list, and starting any pod once, under its lock. */
#ifndef QPOD_START_H
#define QPOD_START_H

#include "../../format/operation.h"
#include "../base/runtime.h"

/* Overwrites argv, so that `ps` shows the name and not how we were started. */
void rename_process(const char *kind, const char *name);

/* Makes the pod in a process of its own, which stays as the pod's first process, and writes its entry. 0 or -1. */
int start_from_list(const char *pod, const struct operation_list *list);

/* Starts the pod unless it is alive with this definition by the time the lock is ours. 0, 1 when TypeScript did it
 * (and may have written another policy: a root filesystem that it had to fetch changes the pod), or -1. */
int start_pod(struct runtime *runtime, const char *pod, uint64_t definition);

#endif
