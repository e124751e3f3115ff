#define _GNU_SOURCE
#include "lab_enter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/files.h"
#include "../base/first_process.h"
#include "../base/identity.h"
#include "../base/report.h"
#include "lab_path.h"
#include "lab_terminal.h"
#include "listening.h"

#define GONE "The lab has ended, or somebody killed the host's process in it."

struct place {
	pid_t lab, host;
	uint64_t lab_start, host_start;
	int has_users;
	const char *folder;
};

static int open_namespace(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* The lab's, so that the command is born in it. Its mount namespace is for later: *mounts. */
static int join_lab(const struct place *place, int *mounts)
{
	int pin = pin_process(place->lab, place->lab_start), users = -1, processes;

	if (pin < 0)
		return report_failure("enter the lab", NULL, 0, GONE);
	if (place->has_users)
		users = open_namespace(place->lab, "user");
	processes = open_namespace(place->lab, "pid");
	*mounts = open_namespace(place->lab, "mnt");
	close(pin);
	if ((place->has_users && users < 0) || processes < 0 || *mounts < 0)
		return report_failure("enter the lab", NULL, errno, GONE);
	if ((place->has_users && setns(users, CLONE_NEWUSER) < 0) || setns(processes, CLONE_NEWPID) < 0)
		return report_failure("enter the lab", NULL, errno, remedy_for(errno));
	close(processes);
	return 0;
}

/* Through the lab's own /proc, where the host's process has its number. */
static int join_host(const struct place *place, int mounts)
{
	static const char *const names[] = { "ipc", "uts", "net", "mnt" };
	int files[4];

	if (setns(mounts, CLONE_NEWNS) < 0)
		return report_failure("enter the lab's mounts", NULL, errno, remedy_for(errno));
	close(mounts);
	if (read_start_time(place->host) != place->host_start)
		return report_failure("enter the host", NULL, 0, GONE);
	for (size_t i = 0; i < 4; i++)
		if ((files[i] = open_namespace(place->host, names[i])) < 0)
			return report_failure("enter the host", NULL, errno, GONE);
	for (size_t i = 0; i < 4; i++) {
		if (setns(files[i], 0) < 0)
			return report_failure("enter the host", NULL, errno, remedy_for(errno));
		close(files[i]);
	}
	return place->has_users ? take_ids(0, 0) : 0;
}

static int go_to(const char *folder)
{
	int may_be_missing = *folder == '?';

	if (may_be_missing)
		folder++;
	if (chdir(folder) == 0)
		return 0;
	if (may_be_missing && chdir("/") == 0)
		return 0;
	return report_failure("go to the folder", folder, errno, NULL);
}

static _Noreturn void become_command(const struct place *place, int mounts, char **argv, int parent, const sigset_t *mask)
{
	struct pollfd gone = { .fd = parent };

	if (join_host(place, mounts) < 0 || go_to(place->folder) < 0)
		_exit(EXIT_QPOD);
	/* Changing ids takes it back, so not before; and our parent may have ended meanwhile. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (poll(&gone, 1, 0) > 0 && (gone.revents & POLLHUP))
		_exit(EXIT_QPOD);
	sigprocmask(SIG_SETMASK, mask, NULL);
	/* Without a program: what we can do ourselves. The host may have a root in which we are not. */
	if (!*argv[0])
		_exit(argv[1] ? await_listening(argv + 2) : EXIT_QPOD);
	if (search_system_folders() == 0)
		execvp(argv[0], argv);
	report_text(NULL, "cannot run %s: %s", argv[0], strerror(errno));
	_exit(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE);
}

/* Our end is the command's: whoever waits for us must see the same. */
static int end_alike(int status)
{
	struct rlimit none = { 0, 0 };

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	setrlimit(RLIMIT_CORE, &none);
	signal(WTERMSIG(status), SIG_DFL);
	sigset_t all;
	sigemptyset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	raise(WTERMSIG(status));
	return 128 + WTERMSIG(status);
}

int enter_lab(char **argv, int is_shell)
{
	struct place place = { 0 };
	sigset_t all, mask;
	int mounts = -1, alive[2], status;
	unsigned n = 0;

	while (argv[n])
		n++;
	if (n < 8 || strcmp(argv[6], "--") != 0)
		return report_failure("lab-enter", "PID START USER HOST START FOLDER -- COMMAND", EINVAL, NULL), EXIT_QPOD;
	place = (struct place){ atoi(argv[0]), atoi(argv[3]), strtoull(argv[1], NULL, 10), strtoull(argv[4], NULL, 10), *argv[2] == '1', argv[5] };
	terminal_open(is_shell);
	if (join_lab(&place, &mounts) < 0 || pipe2(alive, O_CLOEXEC) < 0)
		return EXIT_QPOD;
	/* Until the command is known, a signal must wait. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask);
	pid_t command = fork();
	if (command < 0)
		return report_failure("start a process in the lab", NULL, errno, GONE), EXIT_QPOD;
	if (command == 0) {
		close(alive[1]);
		terminal_begin_job();
		become_command(&place, mounts, argv + 7, alive[0], &mask);
	}
	close(alive[0]);
	close(mounts);
	terminal_attend(command);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	status = terminal_wait();
	return status < 0 ? EXIT_QPOD : end_alike(status);
}
