/* Ending a process with all that descends from it. */
#ifndef QPOD_KILL_TREE_H
#define QPOD_KILL_TREE_H

#include <stdint.h>
#include <sys/types.h>

/* Sends the signal to the process, to its descendants, and to the groups and sessions that they lead. The process must
 * not be reaped meanwhile. What left its group and session, and whose parents have ended, is not found. */
void kill_tree(pid_t root, int signal);

/* The same, and SIGKILL for all of them that are left after so many milliseconds. Takes as long: call it in a process of
 * its own. */
void end_tree(pid_t root, int signal, int grace);

#endif
