/* Running one command for a launcher that may not join the pod; the pod's side of relay.h. */
#ifndef QPOD_SERVE_H
#define QPOD_SERVE_H

#include <sys/types.h>

struct service {
	uid_t uid;   /* who may ask, and whom commands belong to */
	gid_t gid;
	gid_t group; /* whose members may ask for root: they have it by the engine's own socket */
};

/* Serves the connection to its end, as the pod's root. */
_Noreturn void serve(int connection, const struct service *service);

#endif
