/* A pod's first process: known by pid and start time, so that a reused pid is never taken for it. */
#ifndef QPOD_FIRST_PROCESS_H
#define QPOD_FIRST_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

/* Field 22 of /proc/PID/stat, in clock ticks since boot; 0 when there is no such process or it is a zombie. */
uint64_t read_start_time(pid_t pid);

/* A descriptor that pins the process if it is the one meant and alive, else -1. On kernels without
 * pidfd_open a descriptor of its /proc folder, which goes stale with it. */
int pin_process(pid_t pid, uint64_t start_time);

/* Has the pinned process ended, or does it within that many milliseconds? */
int has_ended(int pin, pid_t pid, int milliseconds);

/* Joins the namespaces (CLONE_NEW* flags) of the pinned process. With around, its user namespace's parent instead of
 * its own: the first process holds the user's identity in a namespace of its own, inside that of the pod. 0 or -errno. */
int join_namespaces(int pin, pid_t pid, int flags, int around);

/* What `ps` and /proc/PID/comm call a pod's first process from when on its namespaces can be joined. */
#define HOLD_NAME "qpod-hold"

/* Waits for ever, holding the namespaces of this process. Ends by SIGTERM. */
_Noreturn void hold(void);

#endif
