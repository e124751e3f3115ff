#define _GNU_SOURCE
#include "set_up.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../format/status.h"
#include "../base/report.h"
#include "../enter/enter.h"

int write_whole(const char *path, const void *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), error = 0;

	if (fd < 0)
		return -errno;
	/* Files of the kernel take a value by one write. */
	if (write(fd, bytes, size) != (ssize_t)size)
		error = -errno;
	close(fd);
	return error;
}

/* What a number stands for, for the report. */
static int outcome(int result, const char *what, int64_t number)
{
	char text[24];

	if (result >= 0)
		return 0;
	snprintf(text, sizeof text, "%lld", (long long)number);
	return report_failure(what, text, errno, NULL);
}

/* What started us sees an end, and what goes on has nobody but init. */
static int become_daemon(void)
{
	pid_t pid;
	char number[12];

	if (setsid() < 0)
		return report_failure("make a session", NULL, errno, NULL);
	pid = fork();
	if (pid < 0)
		return report_failure("fork", NULL, errno, NULL);
	if (pid > 0)
		_exit(0);
	snprintf(number, sizeof number, "%d", (int)getpid());
	status_write(report_fd, STATUS_DAEMON, getpid(), (const char *[]){ number, NULL });
	return 0;
}

static int write_pidfile(const char *path)
{
	char text[16];
	int n = snprintf(text, sizeof text, "%d\n", (int)getpid()), error = replace_file(path, text, (size_t)n);

	if (error)
		return report_failure("write the pidfile", path, -error, NULL);
	/* Others read it to know whom to ask; it says nothing secret. */
	chmod(path, 0644);
	return 0;
}

static int is_on(const char *path)
{
	char first = 'N';
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (read(fd, &first, 1) != 1)
			first = 'N';
		close(fd);
	}
	return first == 'Y';
}

static int set_label(const struct operation *op)
{
	const char *label = operation_string(op, 0, NULL);
	char text[4096];
	int error;

	if (op->code == OP_APPARMOR) {
		if (!is_on("/sys/module/apparmor/parameters/enabled"))
			return report_failure("set the AppArmor profile", label, ENOTSUP, "This kernel has no AppArmor.");
		int n = snprintf(text, sizeof text, "exec %s", label);
		error = write_whole("/proc/self/attr/apparmor/exec", text, (size_t)n);
		if (error == -ENOENT)
			error = write_whole("/proc/self/attr/exec", text, (size_t)n);
		return error ? report_failure("set the AppArmor profile", label, -error, NULL) : 0;
	}
	if (access("/sys/fs/selinux/enforce", F_OK) < 0)
		return report_failure("set the SELinux label", label, ENOTSUP, "This kernel has no SELinux.");
	error = write_whole("/proc/self/attr/exec", label, strlen(label));
	return error ? report_failure("set the SELinux label", label, -error, NULL) : 0;
}

static int set_limit(const struct operation *op)
{
	struct { uint64_t soft, hard; } limit = { op->number[1], op->number[1] };

	if (syscall(SYS_prlimit64, 0, (int)op->number[0], &limit, NULL) < 0)
		return report_failure("set the limit on", operation_string(op, 0, NULL), errno, NULL);
	return 0;
}

static int write_file(const struct operation *op)
{
	const char *path = operation_string(op, 0, NULL);
	uint32_t length = 0;
	const char *bytes = operation_string(op, 1, &length);
	int error = bytes ? write_whole(path, bytes, length) : -EPROTO;

	return error ? report_failure("write", path, -error, NULL) : 0;
}

static int take_directory(const struct child *child, const char *directory)
{
	char mapped[PATH_SIZE];

	if (child->entry)
		directory = map_path(child->entry, directory, mapped);
	if (chdir(directory) < 0)
		return report_failure("change to the working directory", directory, errno, NULL);
	return 0;
}

int set_up(struct child *child, const struct operation *op)
{
	int64_t n = (int64_t)op->number[0];
	const char *text = operation_string(op, 0, NULL);
	char number[24];
	int error;

	switch (op->code) {
	case OP_NEW_SESSION:
		return outcome(setsid(), "make a session", getpid());
	case OP_NEW_GROUP:
		return outcome(setpgid(0, 0), "make a process group", getpid());
	case OP_DAEMON:
		return become_daemon();
	case OP_NICE:
		return outcome(setpriority(PRIO_PROCESS, 0, (int)n), "set the nice value", n);
	case OP_OOM_SCORE:
		snprintf(number, sizeof number, "%lld", (long long)n);
		error = write_whole("/proc/self/oom_score_adj", number, strlen(number));
		return error ? report_failure("set the OOM score", number, -error, NULL) : 0;
	case OP_RLIMIT:
		return set_limit(op);
	case OP_UMASK:
		umask((mode_t)n);
		return 0;
	case OP_FOLDER:
		return take_directory(child, text);
	case OP_APPARMOR:
	case OP_SELINUX:
		return set_label(op);
	case OP_PIDFILE:
		return write_pidfile(text);
	case OP_WRITE:
		return write_file(op);
	case OP_PARENT_DEATH:
		return outcome(prctl(PR_SET_PDEATHSIG, (unsigned long)n, 0, 0, 0), "ask for a signal at the parent's end:", n);
	case OP_NO_PRIVILEGES:
		return outcome(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "give up new privileges", 1);
	case OP_IGNORE:
		return outcome(signal((int)n, SIG_IGN) == SIG_ERR ? -1 : 0, "ignore signal", n);
	case OP_CHROOT:
		return chroot(text) < 0 ? report_failure("change the root to", text, errno, NULL) : 0;
	default:
		return report_failure("perform the operation", operation_name(op->code), EINVAL, "Build qpod again: its parts are of different versions.");
	}
}
