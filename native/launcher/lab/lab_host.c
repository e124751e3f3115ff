#define _GNU_SOURCE
#include "lab_host.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../format/status.h"
#include "../base/files.h"
#include "../base/report.h"
#include "../pod/perform.h"
#include "../pod/start.h"
#include "lab_interface.h"
#include "netlink.h"

static int write_file(const struct operation *op)
{
	uint32_t length = 0;
	const char *path = operation_string(op, 0, NULL), *content = operation_string(op, 1, &length);
	int is_new = (op->number[0] & LAB_FILE_NEW) != 0, fd, error = 0;

	if (!path || !content)
		return report_failure("write a file", NULL, EINVAL, NULL);
	if (is_new)
		unlink(path);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | (is_new ? O_CREAT | O_EXCL : 0), 0644);
	if (fd < 0 || write(fd, content, length) != (ssize_t)length)
		error = errno;
	if (fd >= 0)
		close(fd);
	if (error && !(op->number[0] & LAB_FILE_OPTIONAL))
		return report_failure("write", path, error, remedy_for(error));
	return 0;
}

static void say(int fd)
{
	status_write(fd, STATUS_NOTE, 0, (const char *[]){ "", NULL });
}

static void await_links(int told, int go)
{
	char byte;

	say(told);
	while (read(go, &byte, 1) < 0 && errno == EINTR)
		;
}

static int perform_in_host(const struct operation *op, const char *name, int network)
{
	switch (op->code) {
	case OP_LAB_FILE:
		return write_file(op);
	case OP_LAB_UP:
		return set_up_interfaces(network, op);
	case OP_LAB_ADDRESS:
		return add_address(network, op, name);
	case OP_LAB_ROUTE:
		return add_route(network, op, name);
	default:
		return perform_operation(op);
	}
}

static int make_namespaces(const char *name)
{
	if (unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS) < 0)
		return report_failure("make the namespaces of", name, errno, remedy_for(errno));
	if (sethostname(name, strlen(name)) < 0)
		return report_failure("set the name of", name, errno, remedy_for(errno));
	return 0;
}

/* What runs in the host may send signals to all that it sees, and we are among them. */
static _Noreturn void hold_host(void)
{
	for (int i = 1; i < 32; i++)
		signal(i, SIG_IGN);
	close_all_but(-1, -1);
	for (;;)
		pause();
}

_Noreturn void become_host(const struct operation_list *list, size_t offset, const struct operation *host, int told, int go)
{
	const char *name = operation_string(host, 0, NULL);
	struct operation op;
	int network;

	report_fd = told;
	prctl(PR_SET_NAME, "qpod-host");
	rename_process("qpod-host", name);
	if (make_namespaces(name) < 0)
		_exit(EXIT_QPOD);
	network = netlink_open(0);
	if (network < 0 || netlink_set_up(network, 1) < 0) {
		report_failure("set up the loopback of", name, network < 0 ? -network : EPERM, NULL);
		_exit(EXIT_QPOD);
	}
	while (operation_next(list, &offset, &op) && op.code != OP_LAB_HOST && op.code != OP_LAB_SWITCH && op.code != OP_LAB_PAIR) {
		if (op.code == OP_LAB_LINKED)
			await_links(told, go);
		else if (perform_in_host(&op, name, network) < 0)
			_exit(EXIT_QPOD);
	}
	say(told);
	hold_host();
}
