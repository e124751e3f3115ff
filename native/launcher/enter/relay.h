/* Having a command run by the process that serves a pod, for callers who may not join it. */
#ifndef QPOD_RELAY_H
#define QPOD_RELAY_H

#include "enter.h"

/* Hands the errand (its paths as in the pod) over to who listens on the socket, and stands for the command: signals go
 * to it, its stops and its end become ours. The exit status; -errno when nobody serves there. Does not return when
 * the command was killed by a signal. */
int relay_errand(const char *socket, const struct errand *errand);

#endif
