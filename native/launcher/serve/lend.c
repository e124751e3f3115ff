#define _GNU_SOURCE
#include "lend.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/first_process.h"
#include "../base/identity.h"

static int become_owner(uid_t uid, gid_t gid)
{
	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return -errno;
	/* The change of ids closed /proc/PID to the user, through which the namespaces are joined. */
	if (prctl(PR_SET_DUMPABLE, 1) < 0 || prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
		return -errno;
	return 0;
}

static int make_namespaces(uid_t uid, gid_t gid)
{
	int error = make_own_namespace(uid, gid);

	if (error)
		return error;
	if (unshare(CLONE_NEWNS) < 0)
		return -errno;
	/* Some kernels give the namespace and none of its rights; and what is mounted later is no command's concern. */
	return mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0 ? -errno : 0;
}

static _Noreturn void lend(uid_t uid, gid_t gid, pid_t parent, int report)
{
	int error = become_owner(uid, gid);

	if (!error && getppid() != parent)
		_exit(0);
	if (!error)
		error = make_namespaces(uid, gid);
	if (write(report, &error, sizeof error) != (ssize_t)sizeof error || error)
		_exit(1);
	close(report);
	hold();
}

pid_t lend_namespaces(uid_t uid, gid_t gid)
{
	int report[2], error = -ECHILD;
	pid_t self = getpid(), lender;

	if (pipe2(report, O_CLOEXEC) < 0)
		return -errno;
	lender = fork();
	if (lender == 0) {
		close(report[0]);
		lend(uid, gid, self, report[1]);
	}
	close(report[1]);
	if (lender < 0)
		error = -EAGAIN;
	else if (read(report[0], &error, sizeof error) != (ssize_t)sizeof error)
		error = -ECHILD;
	close(report[0]);
	return error ? (pid_t)error : lender;
}
