/* User namespaces and ids. */
#ifndef QPOD_IDENTITY_H
#define QPOD_IDENTITY_H

#include <sys/types.h>

/* Moves this process into a new user namespace with these maps ("inside outside count" triples). With by_helper
 * the system's newuidmap and newgidmap write them (subordinate ids), else one id each is written directly.
 * 0, or -1 after reporting. */
int make_user_namespace(const char *uid_map, const char *gid_map, int by_helper);

/* /proc/self as seen before another root is entered, for become_user. */
int open_self(void);

/* One more user namespace in which the present id is shown as uid and gid. 0, or -1 after reporting. */
int become_user(int self, uid_t uid, gid_t gid);

#endif
