/* The road of a redirected command. */
#ifndef QPOD_ROAD_H
#define QPOD_ROAD_H

#include "../base/runtime.h"

/* given: the path that was to be executed; NULL when called as a shim, by name. Returns an exit status on failure. */
int take_road(struct runtime *runtime, const char *given, const char *name, char **argv, char **envp);

/* Opens the policy, having it made again when it is missing or of another version. 0, or -1 when none can be had
 * (reported). */
int have_policy(struct runtime *runtime);

#endif
