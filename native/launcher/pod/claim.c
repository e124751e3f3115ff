#define _GNU_SOURCE
#include "claim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../base/files.h"
#include "../base/first_process.h"
#include "../base/report.h"

/* Milliseconds that a first process has to make its pod. */
#define PATIENCE 10000

int claim_layers(const char *path)
{
	/* A record lock, since it tells who holds it. Never closed: it goes with the process. */
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;

	if (fd >= 0 && fcntl(fd, F_SETLK, &lock) == 0)
		return 0;
	return report_failure("claim the pod's layers", path, path ? errno : EPROTO,
		errno == EAGAIN || errno == EACCES ? "Another of your sessions has them, in a container perhaps: end the pod there, or try again." : remedy_for(errno));
}

static pid_t ask_who(const char *path)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	int asked = fd >= 0 ? fcntl(fd, F_GETLK, &lock) : -1;

	if (fd >= 0)
		close(fd);
	return asked == 0 && lock.l_type != F_UNLCK && lock.l_pid > 0 ? lock.l_pid : 0;
}

static int holds(pid_t pid)
{
	char path[64], name[32];

	snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
	return read_line(path, name, sizeof name) > 0 && strcmp(name, HOLD_NAME) == 0;
}

pid_t find_claimant(const struct operation_list *list, uint64_t *start_time)
{
	const struct timespec pause = { 0, 1000000 };
	struct operation op;
	size_t offset = 0;

	while (operation_next(list, &offset, &op)) {
		const char *path = op.code == OP_CLAIM ? operation_string(&op, 0, NULL) : NULL;
		pid_t pid = path ? ask_who(path) : 0;
		for (int i = 0; pid > 0 && i < PATIENCE; i++) {
			*start_time = read_start_time(pid);
			if (*start_time == 0)
				return 0;
			if (holds(pid))
				return pid;
			nanosleep(&pause, NULL);
		}
	}
	return 0;
}
