/* The terminal of a command in a lab. Its process groups are not seen from inside of the lab, nor can a shell in there
 * give the terminal back to one: so a command that has the terminal for itself is a job of its own, as a shell would make
 * it, and we stand for it in front of the shell outside. */
#ifndef QPOD_LAB_TERMINAL_H
#define QPOD_LAB_TERMINAL_H

#include <sys/types.h>

/* Before the command is started. A shell becomes a job of its own wherever it reads from the terminal; another command
 * only where it is alone on it: in a pipeline, a script or below make, its group is that of the others. */
void terminal_open(int is_shell);
/* In the command, with all signals blocked. */
void terminal_begin_job(void);
/* Here, with all signals blocked: they are passed on from now on. */
void terminal_attend(pid_t command);
/* Waits for its end, and takes part in its stops; the terminal is ours again, if it was. -1: it cannot be waited for. */
int terminal_wait(void);

#endif
