#define _GNU_SOURCE
#include "start.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../format/status.h"
#include "../base/first_process.h"
#include "../base/report.h"
#include "claim.h"
#include "entry.h"
#include "perform.h"

/* `ps` shows the memory that argv was passed in: without this a pod would be listed as the first command. */
void rename_process(const char *kind, const char *name)
{
	extern char **launcher_argv;
	/* Measured once: afterwards argv is no longer there to be measured. */
	static char *end;

	if (!launcher_argv[0])
		return;
	if (!end) {
		end = launcher_argv[0];
		for (char **at = launcher_argv; *at; at++)
			if (*at == end)
				end += strlen(end) + 1;
	}
	memset(launcher_argv[0], 0, (size_t)(end - launcher_argv[0]));
	snprintf(launcher_argv[0], (size_t)(end - launcher_argv[0]), "%s %s", kind, name);
}

static void forget_the_caller(int status)
{
	sigset_t none;

	setsid();
	sigemptyset(&none);
	for (int i = 1; i < 32; i++)
		signal(i, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	close_all_but(status, -1);
	open("/dev/null", O_RDWR);
	if (status != 1)
		dup2(0, 1);
	if (status != 2)
		dup2(0, 2);
	umask(022);
	if (chdir("/") < 0)
		_exit(EXIT_QPOD);
}

static _Noreturn void become_first_process(const char *pod, const struct operation_list *list, int status)
{
	struct operation op;
	size_t offset = 0;
	char start_time[32];

	/* Descriptors 0 to 2 are about to be replaced; the status pipe must not be one of them. */
	status = fcntl(status, F_DUPFD_CLOEXEC, 3);
	report_fd = status;
	forget_the_caller(status);
	while (operation_next(list, &offset, &op))
		if (perform_operation(&op) < 0)
			_exit(EXIT_QPOD);
	rename_process(HOLD_NAME, pod);
	snprintf(start_time, sizeof start_time, "%llu", (unsigned long long)read_start_time(getpid()));
	status_write(status, STATUS_STARTED, getpid(), (const char *[]){ pod, start_time, NULL });
	close(status);
	hold();
}

/* Reads the first process's one word: 1 started, 0 failed (reported), -1 it ended without a word. */
static int hear(int status, pid_t *pid, uint64_t *start_time)
{
	static unsigned char bytes[STATUS_TEXT_MAX + sizeof(struct status_header)];
	struct status_header header;
	const char *text;
	size_t size = 0, offset = 0;

	for (;;) {
		ssize_t n = read(status, bytes + size, sizeof bytes - size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		size += (size_t)n;
	}
	if (status_read(bytes, size, &offset, &header, &text) != 1)
		return -1;
	if (header.kind == STATUS_STARTED) {
		const char *time = memchr(text, 0, header.length);
		*pid = (pid_t)header.number;
		*start_time = time ? strtoull(time + 1, NULL, 10) : 0;
		return 1;
	}
	if (header.kind == STATUS_FAILED) {
		const char *argument = text + strlen(text) + 1, *remedy = argument + strlen(argument) + 1;
		report_failure(text, argument, (int)header.number, *remedy ? remedy : NULL);
		return 0;
	}
	return -1;
}

static int write_entry(const struct operation_list *list, pid_t pid, uint64_t start_time)
{
	struct operation op;
	size_t offset = 0;

	while (operation_next(list, &offset, &op)) {
		uint32_t size;
		const char *blob;
		if (op.code != OP_ENTRY || op.strings < 2)
			continue;
		blob = operation_string(&op, 1, &size);
		int error = -entry_write(operation_string(&op, 0, NULL), blob, size, pid, start_time);
		if (error)
			return report_failure("write", operation_string(&op, 0, NULL), error, remedy_for(error));
	}
	return 0;
}

int start_from_list(const char *pod, const struct operation_list *list)
{
	int status[2], heard, ended;
	pid_t middle, pid = 0;
	uint64_t start_time = 0;

	if (pipe2(status, O_CLOEXEC) < 0)
		return report_failure("make a pipe", NULL, errno, remedy_for(errno));
	middle = fork();
	if (middle < 0)
		return report_failure("fork", NULL, errno, NULL);
	if (middle == 0) {
		/* Twice, so that the command never has a child it did not start. */
		pid_t first = fork();
		if (first == 0) {
			close(status[0]);
			become_first_process(pod, list, status[1]);
		}
		_exit(first < 0 ? EXIT_QPOD : 0);
	}
	close(status[1]);
	while (waitpid(middle, &ended, 0) < 0 && errno == EINTR)
		;
	heard = hear(status[0], &pid, &start_time);
	close(status[0]);
	if (heard < 0)
		return report_failure("start the pod", pod, 0, "Its first process ended without a word; `qpod doctor` may know more.");
	if (heard == 0)
		return -1;
	if (write_entry(list, pid, start_time) == 0)
		return 0;
	/* Nobody could find it again. */
	kill(pid, SIGKILL);
	return -1;
}

/* A start file that was compiled from the same definition; older ones are Node's to make again. */
static int list_is_current(const struct operation_list *list, uint64_t definition)
{
	struct operation op, pod;
	struct operation_list entry;
	size_t offset = 0;

	while (operation_next(list, &offset, &op)) {
		uint32_t size;
		const char *blob = op.code == OP_ENTRY ? operation_string(&op, 1, &size) : NULL;
		if (!blob || operation_open(&entry, blob, size) != OPERATION_FINE)
			continue;
		size_t first = 0;
		return operation_next(&entry, &first, &pod) && pod.code == OP_POD && pod.number[2] == definition;
	}
	return 0;
}

static int start_locked(struct runtime *runtime, const char *pod, uint64_t definition)
{
	char path[PATH_SIZE];
	struct bytes bytes;
	struct operation_list list;
	char *argv[] = { "start-pod", (char *)pod, NULL };
	struct entry entry;
	uint64_t start_time;
	pid_t first;
	enum entry_state state = entry_open(runtime, pod, definition, &entry);

	if (state == ENTRY_ALIVE) {
		entry_close(&entry);
		return 0;
	}
	if (join_path(path, runtime->base, "/pods/", pod, ".start", NULL) == 0
	    && read_own_file(path, ENTRY_MAX, &bytes) == 0
	    && operation_open(&list, bytes.at, bytes.size) == OPERATION_FINE
	    && list_is_current(&list, definition)) {
		/* The id holds all that the namespaces are made from: of a pod that lives only the entry is made anew. */
		if (state == ENTRY_CHANGED)
			return write_entry(&list, entry.pid, entry.start_time);
		first = find_claimant(&list, &start_time);
		return first ? write_entry(&list, first, start_time) : start_from_list(pod, &list);
	}
	/* The engine needs Node: a podman pod, or a root filesystem that is not there yet. */
	return run_qpod(runtime, argv) == 0 ? 1 : -1;
}

int start_pod(struct runtime *runtime, const char *pod, uint64_t definition)
{
	char path[PATH_SIZE];
	int lock, result;

	if (join_path(path, runtime->base, "/pods/", pod, ".lock", NULL) < 0)
		return report_failure("name the lock of", pod, errno, NULL);
	lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (lock < 0)
		return report_failure("open the lock", path, errno, remedy_for(errno));
	while (flock(lock, LOCK_EX) < 0) {
		if (errno != EINTR) {
			close(lock);
			return report_failure("lock", path, errno, NULL);
		}
	}
	result = start_locked(runtime, pod, definition);
	close(lock);
	return result;
}
