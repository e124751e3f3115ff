#define _GNU_SOURCE
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../format/status.h"
#include "../base/environ.h"
#include "../base/report.h"
#include "../enter/enter.h"
#include "credentials.h"
#include "descriptors.h"
#include "execute.h"
#include "set_up.h"

/* All words of the operations with this code, up to the entering of an environment. NULL: no memory. */
static char **gather(const struct operation_list *list, uint16_t code, size_t spare)
{
	struct operation op;
	size_t count = 0, offset = 0;
	char **words;

	while (operation_next(list, &offset, &op) && op.code != OP_ENTER)
		if (op.code == code)
			count += op.strings;
	words = calloc(count + spare + 1, sizeof *words);
	count = offset = 0;
	while (words && operation_next(list, &offset, &op) && op.code != OP_ENTER)
		if (op.code == code)
			count += operation_strings(&op, (const char **)words + count, op.strings);
	return words;
}

static int read_descriptor(struct child *child, const struct operation *op)
{
	struct descriptor *one = &child->descriptor[child->descriptors];

	if (child->descriptors == DESCRIPTORS_MAX)
		return -E2BIG;
	*one = (struct descriptor){ .target = (int)op->number[0], .kind = (unsigned)op->number[1], .fd = -1, .far = -1 };
	if (one->kind == SOURCE_OURS)
		one->fd = (int)op->number[2];
	/* Opening a named pipe waits for its other side. */
	if (one->kind == SOURCE_FILE && strcmp(operation_string(op, 0, NULL), "/dev/null") != 0)
		child->forks = 1;
	child->descriptors++;
	return 0;
}

int child_read(struct child *child, const struct operation_list *list)
{
	struct operation op;
	size_t offset = 0;
	int error = 0;

	*child = (struct child){ .list = *list, .go = -1 };
	while (!error && operation_next(list, &offset, &op)) {
		if (op.code == OP_REQUEST)
			child->number = (uint32_t)op.number[0];
		else if (op.code == OP_DESCRIPTOR)
			error = read_descriptor(child, &op);
		else if (op.code == OP_SESSION_LAUNCH)
			child->session = operation_string(&op, 0, NULL);
		else if (op.code == OP_HANDSHAKE)
			child->forks = child->waits = 1;
		else if (op.code == OP_DAEMON || op.code == OP_ENTER || op.code == OP_FOLDER || op.code == OP_WRITE)
			child->forks |= op.code != OP_FOLDER;
	}
	child->argv = gather(list, OP_ARGUMENTS, 0);
	child->envp = gather(list, OP_SET, 2);
	if (!error && (!child->argv || !child->envp))
		error = -ENOMEM;
	return error;
}

void child_forget(struct child *child)
{
	free(child->argv);
	free(child->envp);
	child->argv = child->envp = NULL;
}

int child_make_pipes(struct child *child)
{
	for (unsigned i = 0; i < child->descriptors; i++) {
		struct descriptor *one = &child->descriptor[i];
		int ends[2];

		if (one->kind != SOURCE_CAPTURED && one->kind != SOURCE_READ && one->kind != SOURCE_WRITTEN)
			continue;
		if (pipe2(ends, O_CLOEXEC) < 0)
			return -errno;
		one->fd = ends[one->kind != SOURCE_WRITTEN];
		one->far = ends[one->kind == SOURCE_WRITTEN];
	}
	return 0;
}

void child_tell_pipes(const struct child *child, int fd, pid_t holder)
{
	char text[2 * DESCRIPTORS_MAX][12];
	const char *strings[2 * DESCRIPTORS_MAX + 1];
	unsigned n = 0;

	for (unsigned i = 0; i < child->descriptors; i++) {
		const struct descriptor *one = &child->descriptor[i];
		if (one->far < 0 || one->kind == SOURCE_CAPTURED)
			continue;
		snprintf(text[n], sizeof text[n], "%d", one->target);
		snprintf(text[n + 1], sizeof text[n + 1], "%d", one->far);
		strings[n] = text[n];
		strings[n + 1] = text[n + 1];
		n += 2;
	}
	strings[n] = NULL;
	if (n > 0)
		status_write(fd, STATUS_PIPES, holder, strings);
}

static int carry_on(const struct entry *entry, const struct errand *errand, char **envp);

/* The folder is taken by OP_FOLDER afterwards, so that a bad one is named as what it is. */
static int enter(struct child *child, const struct operation *op)
{
	static struct runtime runtime;
	struct errand errand = { .envp = child->envp, .argv = child->argv, .definition = op->number[2], .directory = "/" };
	int result;

	if (op->strings < 2)
		return report_failure("read the request", "enter", EPROTO, NULL);
	snprintf(runtime.base, sizeof runtime.base, "%s", operation_string(op, 0, NULL));
	runtime_open(&runtime);
	errand.pod = operation_string(op, 1, NULL);
	errand.stay_root = (op->number[1] & ENTER_ROOT) != 0;
	errand.name = "";
	errand.arrived = carry_on;
	errand.child = child;
	result = enter_pod(&runtime, &errand);
	if (result == ENTER_AGAIN)
		return report_failure("enter the environment", errand.pod, EAGAIN, "It changed while its pod was started: try again.");
	/* What failed is told already, unless it was told by Node, which may have had to start the pod. */
	return report_failure("enter the environment", errand.pod, 0, "stderr says why");
}

static int wait_for_go(struct child *child)
{
	char byte;
	ssize_t n;

	status_write(report_fd, STATUS_WAITING, 0, (const char *[]){ NULL });
	do
		n = read(child->go, &byte, 1);
	while (n < 0 && errno == EINTR);
	/* Nobody is left to tell. */
	if (n != 1)
		_exit(EXIT_QPOD);
	return 0;
}

/* What was set for this command counts in an environment too, over all of its own rules. */
static int set_inside(struct child *child, const struct operation *op)
{
	for (unsigned i = 0; child->entry && i < op->strings; i++) {
		if (op->code == OP_UNSET)
			drop_variable(child->envp, operation_string(op, i, NULL));
		else if (!(child->envp = with_variable(child->envp, operation_string(op, i, NULL))))
			return report_failure("build the environment", NULL, ENOMEM, NULL);
	}
	return 0;
}

static int step(struct child *child, const struct operation *op)
{
	switch (op->code) {
	case OP_SET:
	case OP_UNSET:
		return set_inside(child, op);
	case OP_REQUEST:
	case OP_ARGUMENTS:
	case OP_SESSION_LAUNCH:
		return 0;
	case OP_DESCRIPTOR:
		return make_descriptor(child, op);
	case OP_CLOSE_REST:
		return place_descriptors(child);
	case OP_GROUPS:
	case OP_USER:
	case OP_CAPABILITIES:
		return change_credentials(op);
	case OP_ENTER:
		return enter(child, op);
	case OP_HANDSHAKE:
		return wait_for_go(child);
	case OP_RUN:
		return run_program(child, operation_string(op, 0, NULL));
	default:
		return set_up(child, op);
	}
}

static _Noreturn void carry_out(struct child *child)
{
	struct operation op;

	while (operation_next(&child->list, &child->at, &op))
		if (step(child, &op) < 0)
			_exit(EXIT_QPOD);
	report_failure("read the request", "its end", EPROTO, NULL);
	_exit(EXIT_QPOD);
}

static int carry_on(const struct entry *entry, const struct errand *errand, char **envp)
{
	struct child *child = errand->child;
	size_t count = 0;

	while (envp[count])
		count++;
	child->envp = calloc(count + 3, sizeof *envp);
	if (!child->envp)
		return report_failure("build the environment", NULL, ENOMEM, NULL);
	memcpy(child->envp, envp, count * sizeof *envp);
	child->entry = &entry->list;
	carry_out(child);
}

_Noreturn void child_become(struct child *child)
{
	/* As the kernel has it: libc lets nobody touch the signals that it keeps for itself, and one that is ignored is so
	 * for every program after us. */
	static const struct { void (*handler)(int); unsigned long flags; void (*restore)(void); uint64_t mask; } usual;
	sigset_t none;

	/* What the launcher that stays ignores so as not to end with its caller's group, and what its caller ignored. */
	for (int i = 1; i <= 64; i++)
		if (i != SIGKILL && i != SIGSTOP)
			syscall(SYS_rt_sigaction, i, &usual, NULL, sizeof usual.mask);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	carry_out(child);
}
