#define _GNU_SOURCE
#include "identity.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report.h"

#define MAP_WORDS 64

/* As seen before the namespace is made: afterwards the folder may be out of reach. */
static int open_self(void)
{
	return open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int write_self(int self, const char *name, const char *text)
{
	int fd = openat(self, name, O_WRONLY | O_CLOEXEC);
	ssize_t n;
	int error = 0;

	if (fd < 0)
		return -errno;
	n = write(fd, text, strlen(text));
	if (n < 0)
		error = -errno;
	close(fd);
	return error;
}

static int write_maps(int self, const char *uid_map, const char *gid_map)
{
	/* Without privilege outside, the kernel takes a gid map only after setgroups is given up. */
	int error = write_self(self, "setgroups", "deny");

	if (error && error != -ENOENT)
		return report_failure("give up setgroups", NULL, -error, remedy_for(-error));
	error = write_self(self, "uid_map", uid_map);
	if (error)
		return report_failure("write the uid map", uid_map, -error, remedy_for(-error));
	error = write_self(self, "gid_map", gid_map);
	if (error)
		return report_failure("write the gid map", gid_map, -error, remedy_for(-error));
	return 0;
}

/* newuidmap PID 0 1000 1 1 100000 65536 */
static pid_t start_map_helper(const char *program, pid_t target, const char *map)
{
	static char pid[16], words[2048];
	char *argv[MAP_WORDS + 3];
	int n = 0;
	pid_t child = fork();

	if (child != 0)
		return child;
	snprintf(pid, sizeof pid, "%d", (int)target);
	snprintf(words, sizeof words, "%s", map);
	argv[n++] = (char *)program;
	argv[n++] = pid;
	for (char *word = strtok(words, " \n"); word && n < MAP_WORDS + 2; word = strtok(NULL, " \n"))
		argv[n++] = word;
	argv[n] = NULL;
	execvp(program, argv);
	report_failure("run", program, errno, "Install the package `uidmap` (Debian, Ubuntu) or `shadow-utils` (Fedora).");
	_exit(EXIT_QPOD);
}

/* Stays outside the new namespace, where writing the maps is permitted. */
static _Noreturn void map_from_outside(int ready, pid_t target, const char *uid_map, const char *gid_map)
{
	char byte;
	int status, failed = 0;
	pid_t uids, gids;

	if (read(ready, &byte, 1) != 1)
		_exit(0);
	uids = start_map_helper("newuidmap", target, uid_map);
	gids = start_map_helper("newgidmap", target, gid_map);
	if (waitpid(uids, &status, 0) < 0 || status != 0)
		failed = 1;
	if (waitpid(gids, &status, 0) < 0 || status != 0)
		failed = 1;
	_exit(failed);
}

static int make_mapped_by_helper(const char *uid_map, const char *gid_map)
{
	int ready[2], status;
	pid_t self = getpid(), helper;

	if (pipe2(ready, O_CLOEXEC) < 0)
		return report_failure("make a pipe", NULL, errno, NULL);
	helper = fork();
	if (helper < 0)
		return report_failure("fork", NULL, errno, NULL);
	if (helper == 0) {
		close(ready[1]);
		map_from_outside(ready[0], self, uid_map, gid_map);
	}
	close(ready[0]);
	if (unshare(CLONE_NEWUSER) < 0) {
		int error = errno;
		close(ready[1]);
		waitpid(helper, &status, 0);
		return report_failure("make a user namespace", NULL, error, remedy_for(error));
	}
	if (write(ready[1], "u", 1) != 1)
		return report_failure("talk to the map helper", NULL, errno, NULL);
	close(ready[1]);
	if (waitpid(helper, &status, 0) < 0 || status != 0)
		return report_failure("map the subordinate ids", uid_map, 0,
			"newuidmap refused: /etc/subuid and /etc/subgid must hold these ranges for you (`qpod doctor`).");
	return 0;
}

int make_user_namespace(const char *uid_map, const char *gid_map, int by_helper)
{
	int self, result;

	if (by_helper) {
		if (make_mapped_by_helper(uid_map, gid_map) < 0)
			return -1;
	} else {
		self = open_self();
		if (unshare(CLONE_NEWUSER) < 0)
			return report_failure("make a user namespace", NULL, errno, remedy_for(errno));
		result = write_maps(self, uid_map, gid_map);
		close(self);
		if (result < 0)
			return -1;
	}
	/* From the overflow ids to the root that the maps define; -1 for ids that are not mapped. */
	return take_ids(0, 0);
}

/* A namespace in which this one id of each kind is shown as another. */
static int make_identity(uid_t uid, uid_t shown_uid, gid_t gid, gid_t shown_gid)
{
	char uids[64], gids[64];
	int self = open_self(), result;

	snprintf(uids, sizeof uids, "%u %u 1\n", (unsigned)shown_uid, (unsigned)uid);
	snprintf(gids, sizeof gids, "%u %u 1\n", (unsigned)shown_gid, (unsigned)gid);
	if (unshare(CLONE_NEWUSER) < 0)
		return report_failure("make the user's namespace", NULL, errno, remedy_for(errno));
	result = write_maps(self, uids, gids);
	close(self);
	return result;
}

int make_user_identity(uid_t uid, gid_t gid)
{
	return make_identity(0, uid, 0, gid);
}

int make_own_namespace(uid_t uid, gid_t gid)
{
	return make_identity(uid, uid, gid, gid) < 0 ? -errno : 0;
}

int take_ids(uid_t uid, gid_t gid)
{
	if (setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return report_failure("take the ids of", uid ? "the user" : "the pod's root", errno, remedy_for(errno));
	return 0;
}
