#define _GNU_SOURCE
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../format/bytes.h"
#include "../../format/status.h"
#include "../base/files.h"
#include "../base/report.h"

#define STACK_SIZE (256u << 10)
#define CHANNEL 3
#define HEADER_SIZE 24u

static int start(void *child)
{
	child_become(child);
}

/* It shares our memory, and we stand still, until it is the program: nothing is copied, however it was before. */
static pid_t spawn_at_once(struct child *child)
{
	static char *stack;

	if (!stack)
		stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (stack == MAP_FAILED) {
		stack = NULL;
		return -ENOMEM;
	}
	pid_t pid = clone(start, stack + STACK_SIZE, CLONE_VM | CLONE_VFORK | SIGCHLD, child);
	return pid < 0 ? -errno : pid;
}

pid_t spawn(struct child *child, int status)
{
	struct child kept = *child;
	pid_t pid;

	report_fd = status;
	status_child = child->number;
	if (child->forks) {
		pid = fork();
		if (pid == 0)
			child_become(child);
		pid = pid < 0 ? -errno : pid;
	} else {
		pid = spawn_at_once(child);
	}
	/* The child moved what it has, in memory that is ours too. */
	*child = kept;
	report_fd = -1;
	status_child = 0;
	return pid;
}

static unsigned char *read_request(int fd, size_t *size)
{
	unsigned char header[HEADER_SIZE], *bytes;

	if (read_exactly(fd, header, sizeof header) < 0)
		return NULL;
	*size = bytes_u32(header + 12);
	if (*size < HEADER_SIZE || !(bytes = malloc(*size)))
		return NULL;
	bytes_copy(bytes, header, HEADER_SIZE);
	return read_exactly(fd, bytes + HEADER_SIZE, *size - HEADER_SIZE) < 0 ? NULL : bytes;
}

int spawn_one(void)
{
	static struct child child;
	struct operation_list list;
	size_t size;
	unsigned char *bytes;
	char byte;
	int error;

	fcntl(CHANNEL, F_SETFD, FD_CLOEXEC);
	bytes = read_request(CHANNEL, &size);
	report_fd = CHANNEL;
	status_child = 1;
	if (!bytes || operation_open(&list, bytes, size) != OPERATION_FINE)
		return report_failure("read the request", NULL, EPROTO, "Build qpod again: its parts are of different versions."), EXIT_QPOD;
	error = child_read(&child, &list);
	if (!error)
		error = child_make_pipes(&child);
	if (error)
		return report_failure("prepare the child", NULL, -error, remedy_for(-error)), EXIT_QPOD;
	child_tell_pipes(&child, CHANNEL, getpid());
	for (unsigned i = 0; i < child.descriptors; i++)
		if (child.descriptor[i].far >= 0) {
			/* Once we are the program, nobody can open them any more. */
			if (read_exactly(CHANNEL, (unsigned char *)&byte, 1) < 0)
				return EXIT_QPOD;
			break;
		}
	if (child.waits)
		child.go = fcntl(CHANNEL, F_DUPFD_CLOEXEC, 4);
	child_become(&child);
}
