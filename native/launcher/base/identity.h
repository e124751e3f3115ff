/* User namespaces and ids. */
#ifndef QPOD_IDENTITY_H
#define QPOD_IDENTITY_H

#include <sys/types.h>

/* Moves this process into a new user namespace with these maps ("inside outside count" triples). With by_helper
 * the system's newuidmap and newgidmap write them (subordinate ids), else one id each is written directly.
 * 0, or -1 after reporting. */
int make_user_namespace(const char *uid_map, const char *gid_map, int by_helper);

/* One more user namespace in which the pod's root, as which we run, is shown as uid and gid. 0, or -1 after reporting. */
int make_user_identity(uid_t uid, gid_t gid);

/* A user namespace that an ordinary user owns, in which they are themselves and nobody else is anybody. 0, or -errno. */
int make_own_namespace(uid_t uid, gid_t gid);

/* These ids in the user namespace that was just joined, where we arrive with those that we had outside. 0, or -1 after
 * reporting. */
int take_ids(uid_t uid, gid_t gid);

#endif
