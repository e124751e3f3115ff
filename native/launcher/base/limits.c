#define _GNU_SOURCE
#include "limits.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report.h"

#define NODE_FILES 32
#define NODE_THREADS 12
/* Where more are allowed, nobody is near the limit; the trial costs as much as a fork. */
#define ENOUGH_PROCESSES 2048

/* The kernel counts all of the user's processes, here and in other sessions: only trying tells how many are left. */
static int may_start(int wanted)
{
	pid_t children[NODE_THREADS];
	int started = 0;

	while (started < wanted) {
		children[started] = fork();
		if (children[started] == 0) {
			pause();
			_exit(0);
		}
		if (children[started] < 0)
			break;
		started++;
	}
	for (int i = 0; i < started; i++) {
		kill(children[i], SIGKILL);
		waitpid(children[i], NULL, 0);
	}
	return started == wanted;
}

int node_has_room(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < NODE_FILES) {
		report_text("Raise it: `ulimit -n 1024`.", "the limit of %lu open files is too low to work with", (unsigned long)limit.rlim_cur);
		return -1;
	}
	/* Root is not held to it. */
	if (geteuid() == 0 || getrlimit(RLIMIT_NPROC, &limit) < 0 || limit.rlim_cur > ENOUGH_PROCESSES || may_start(NODE_THREADS))
		return 0;
	report_text("End some, or raise it: `ulimit -u`.", "your processes are about as many as the limit of %lu allows", (unsigned long)limit.rlim_cur);
	return -1;
}
