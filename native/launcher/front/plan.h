/* What Node planned for the program in front of it, which becomes a command so: an operation list. */
#ifndef QPOD_PLAN_H
#define QPOD_PLAN_H

#include "../base/files.h"

/* Carries the plan out; argv's last words are the command's. Returns only on failure, which it has reported: the exit
 * status. */
int carry_out_plan(const struct bytes *plan, int argc, char **argv, char **envp);

#endif
