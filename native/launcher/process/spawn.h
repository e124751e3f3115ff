/* Starting children for the process API. */
#ifndef QPOD_SPAWN_H
#define QPOD_SPAWN_H

#include "child.h"

/* Starts the child; its reports come over status, which the child has alone from then on. Its pid, or -errno. When it
 * does not fork, it has become the program (or failed, and reported it) by then. */
pid_t spawn(struct child *child, int status);

/* `qpod-launch spawn`: one request over descriptor 3, carried out in this very process. */
int spawn_one(void);

#endif
