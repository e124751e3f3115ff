#define _GNU_SOURCE
#include "first_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

uint64_t read_start_time(pid_t pid)
{
	char path[64], text[1024], *at;
	int fd;
	ssize_t n;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof text - 1);
	close(fd);
	if (n <= 0)
		return 0;
	text[n] = 0;
	/* The name in parentheses may hold anything, a parenthesis too: count from the last one. */
	at = strrchr(text, ')');
	if (!at || at[1] != ' ' || at[2] == 'Z' || at[2] == 'X')
		return 0;
	at += 2;
	for (int field = 3; field < 22 && at; field++) {
		at = strchr(at, ' ');
		if (at)
			at++;
	}
	return at ? strtoull(at, NULL, 10) : 0;
}

int pin_process(pid_t pid, uint64_t start_time)
{
	char path[64];
	int pin = (int)syscall(434 /* pidfd_open */, pid, 0);

	if (pin < 0 && errno == ENOSYS) {
		snprintf(path, sizeof path, "/proc/%d", (int)pid);
		pin = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	if (pin < 0)
		return -1;
	/* Compared after pinning: from here on the pid cannot become another process behind our back. */
	if (read_start_time(pid) == start_time)
		return pin;
	close(pin);
	return -1;
}

int has_ended(int pin, pid_t pid, int milliseconds)
{
	struct pollfd ended = { .fd = pin, .events = POLLIN };

	/* A pidfd is readable once the process has ended; it keeps the pid from being another's meanwhile. */
	return poll(&ended, 1, milliseconds) > 0 || read_start_time(pid) == 0;
}

/* <linux/nsfs.h>, which comes with no libc. */
#define NS_GET_PARENT _IO(0xb7, 0x2)

static int open_namespace(pid_t pid, const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* One namespace at a time. All are opened before /proc changes under us, and the mount namespace is joined from the
 * user namespace that owns it: the first process's own is further in. */
static int join_by_files(pid_t pid, int flags, int around)
{
	int mount = open_namespace(pid, "mnt"), user = -1, owner = -1, error = 0;

	if (mount < 0)
		return mount;
	if (flags & CLONE_NEWUSER) {
		user = open_namespace(pid, "user");
		owner = user < 0 ? user : ioctl(user, NS_GET_PARENT);
		error = user < 0 ? user : owner < 0 ? -errno : 0;
		if (!error && setns(owner, CLONE_NEWUSER) < 0)
			error = -errno;
	}
	if (!error && setns(mount, CLONE_NEWNS) < 0)
		error = -errno;
	if (!error && user >= 0 && !around && setns(user, CLONE_NEWUSER) < 0)
		error = -errno;
	close(mount);
	if (user >= 0)
		close(user);
	if (owner >= 0)
		close(owner);
	return error;
}

int join_namespaces(int pin, pid_t pid, int flags, int around)
{
	if (around && (flags & CLONE_NEWUSER))
		return join_by_files(pid, flags, around);
	if (setns(pin, flags) == 0)
		return 0;
	/* Kernels before 5.8 take no process here. */
	if (errno != EINVAL && errno != EBADF)
		return -errno;
	return join_by_files(pid, flags, 0);
}

static void end(int signal)
{
	(void)signal;
	_exit(0);
}

_Noreturn void hold(void)
{
	struct sigaction action = { .sa_handler = end };

	/* As pid 1 of a container that has its own pid namespace, unhandled signals would be ignored. */
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	action.sa_handler = SIG_IGN;
	action.sa_flags = SA_NOCLDWAIT;
	sigaction(SIGCHLD, &action, NULL);
	prctl(PR_SET_NAME, HOLD_NAME);
	for (;;)
		pause();
}
