/* Lending a container's files: a mount namespace that an ordinary user owns, and may therefore join. */
#ifndef QPOD_LEND_H
#define QPOD_LEND_H

#include <sys/types.h>

/* Starts a process of the user's that holds a user namespace of theirs, and a copy of this process's mount namespace in
 * it. Its pid, or -errno when the kernel does not permit it. */
pid_t lend_namespaces(uid_t uid, gid_t gid);

#endif
