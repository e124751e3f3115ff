#ifndef QPOD_LIMITS_H
#define QPOD_LIMITS_H

/* Whether Node can start under the caller's limits: 0, or -1 when it was said that it cannot. Without descriptors Node
 * aborts with a stack trace of its own, without threads it waits for them for ever. */
int node_has_room(void);

#endif
