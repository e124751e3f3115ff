#define _GNU_SOURCE
#include "become.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../base/environ.h"
#include "../base/program.h"
#include "../base/report.h"
#include "enter.h"

#ifndef PR_SET_PTRACER
#define PR_SET_PTRACER 0x59616d61
#endif

#define WORDS_BEFORE_COMMAND 6

static int ready = -1, is_awaited, dies_with_starter;
static pid_t starter;

/* Joining a user namespace takes this back, so it is asked for last. */
static void die_with_starter(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != starter)
		_exit(EXIT_QPOD);
}

/* A tracer that fails calls must not fail ours, so it attaches only now. Blocked from the start, the signal cannot come
 * too early; whoever should send it may end, and then so do we. */
static void await_tracer(void)
{
	sigset_t set;

	prctl(PR_SET_PTRACER, -1L, 0, 0, 0);
	die_with_starter();
	while (write(ready, "r", 1) < 0 && errno == EINTR)
		;
	close(ready);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	/* Attaching interrupts it. */
	while (sigwaitinfo(&set, NULL) < 0 && errno == EINTR)
		;
	prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void before_command(void)
{
	/* Joining a user namespace hides our memory, and so the arguments of the exec to come, from the tracer. */
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	if (is_awaited)
		await_tracer();
	if (dies_with_starter)
		die_with_starter();
}

static int become_on_host(const struct runtime *runtime, char **argv, char **envp)
{
	char found[PATH_SIZE];
	const char *path = argv[0];

	if (!strchr(path, '/')) {
		if (search_past_shims(runtime, find_variable(envp, "PATH"), path, found) < 0) {
			report_text(NULL, "%s: command not found", path);
			return EXIT_NOT_FOUND;
		}
		path = found;
	}
	before_command();
	return exec_program("", path, argv, envp);
}

static void block_signal(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

int become(struct runtime *runtime, int argc, char **argv, char **envp)
{
	char directory[PATH_SIZE];
	struct errand errand = { .envp = envp, .before_command = before_command };

	if (argc <= WORDS_BEFORE_COMMAND)
		return report_failure("become", "RUNTIME POD DEFINITION FLAGS STDERR CLOSE COMMAND", EINVAL, NULL), EXIT_QPOD;
	starter = getppid();
	snprintf(runtime->base, sizeof runtime->base, "%s", argv[0]);
	is_awaited = strchr(argv[3], 'w') != NULL;
	dies_with_starter = strchr(argv[3], 'd') != NULL;
	int error_output = atoi(argv[4]);
	ready = atoi(argv[5]);
	if (error_output >= 0) {
		dup2(error_output, STDERR_FILENO);
		close(error_output);
	}
	if (is_awaited)
		block_signal();
	if (ready >= 0)
		is_awaited ? fcntl(ready, F_SETFD, FD_CLOEXEC) : close(ready);
	errand.argv = argv + WORDS_BEFORE_COMMAND;
	if (!*argv[1])
		return become_on_host(runtime, errand.argv, envp);
	runtime_open(runtime);
	errand.pod = argv[1];
	errand.definition = strtoull(argv[2], NULL, 10);
	errand.stay_root = strchr(argv[3], 'r') != NULL;
	errand.name = errand.argv[0];
	errand.path = strchr(errand.name, '/') ? errand.name : NULL;
	place_errand(&errand, directory);
	int result = enter_pod(runtime, &errand);
	if (result != ENTER_AGAIN)
		return result;
	report_text("Try again; `qpod doctor` may know why.", "the environment changed while the pod was started");
	return EXIT_QPOD;
}
