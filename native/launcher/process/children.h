/* The children of the launcher that stays: the table of them, and what is said of each. */
#ifndef QPOD_CHILDREN_H
#define QPOD_CHILDREN_H

#include <stdint.h>
#include <sys/types.h>

#include "../../format/operation.h"

/* What an event of epoll is about: the number of the child in the table, and which of its descriptors. */
#define ABOUT_CHANNEL UINT64_MAX
#define ABOUT_ENDS (UINT64_MAX - 1)

/* The descriptors to wait on and to answer over. */
void children_begin(int poll, int channel);

/* Carries out REQUEST_*. */
void children_request(const struct operation_list *list, const struct operation *request);

/* One of their descriptors has something, or its other side is closed. */
void children_hear(uint64_t about);

/* Reaps all that have ended. */
void children_reap(void);

/* Sends what is still to be said. 0, or -1: nobody listens. */
int children_say(void);

#endif
