#define _GNU_SOURCE
#include "attend.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "../base/first_process.h"
#include "../base/report.h"
#include "../pod/mounts.h"
#include "lend.h"
#include "serve.h"

/* A private folder of the user's on the host; src/engine/docker-attended.ts knows these names. */
#define FOLDER "/.qpod/serve"
#define SOCKET FOLDER "/socket"
#define NOTE FOLDER "/first"
#define LEND_NOTHING FOLDER "/lend-nothing"

static pid_t lender;

static void end(int signal)
{
	(void)signal;
	if (lender > 0)
		kill(lender, SIGKILL);
	_exit(0);
}

static int listen_for(const struct service *service)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = SOCKET };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	unlink(SOCKET);
	umask(0177);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || chown(SOCKET, service->uid, service->gid) < 0
	    || listen(fd, 128) < 0)
		return -1;
	return fd;
}

/* Who the pod's first process is, for who started us; with the mount namespace of commands when only we can bring them
 * there, and why that is. */
static int write_note(const struct service *service, pid_t first, int error)
{
	struct stat own = { 0 };
	FILE *note = fopen(NOTE ".new", "we");

	if (error && stat("/proc/self/ns/mnt", &own) < 0)
		return -1;
	if (!note || fprintf(note, "%d %llu %llu %s\n", (int)first, (unsigned long long)read_start_time(first), (unsigned long long)own.st_ino,
		error == ENOTSUP ? "as asked for" : error ? strerror(error) : "") < 0 || fclose(note) != 0)
		return -1;
	return chown(NOTE ".new", service->uid, service->gid) < 0 || rename(NOTE ".new", NOTE) < 0 ? -1 : 0;
}

static _Noreturn void answer(int listening, const struct service *service)
{
	struct pollfd watched[2] = { { .fd = listening, .events = POLLIN }, { .fd = -1, .events = POLLIN } };

	/* Whoever ends the process that holds the pod's namespaces ends the pod. */
	if (lender > 0)
		watched[1].fd = (int)syscall(434 /* pidfd_open */, lender, 0);
	for (;;) {
		int connection;
		if (poll(watched, 2, -1) < 0 && errno != EINTR)
			_exit(1);
		if (watched[1].revents)
			_exit(0);
		connection = watched[0].revents ? accept4(listening, NULL, NULL, SOCK_CLOEXEC) : -1;
		if (connection < 0)
			continue;
		if (fork() == 0) {
			close(listening);
			if (watched[1].fd >= 0)
				close(watched[1].fd);
			serve(connection, service);
		}
		close(connection);
	}
}

int attend(char **argv)
{
	struct service service;
	int listening, error = ENOTSUP;

	for (int i = 0; i < 3; i++)
		if (!argv[i])
			return report_failure("attend", "UID GID GROUP", EINVAL, NULL), EXIT_QPOD;
	service.uid = (uid_t)strtoul(argv[0], NULL, 10);
	service.gid = (gid_t)strtoul(argv[1], NULL, 10);
	service.group = (gid_t)strtoul(argv[2], NULL, 10);
	/* A file that cannot be changed leaves the user a number, which is no reason to fail. */
	for (char **at = argv + 3; at[0] && at[1] && at[2]; at += 3)
		add_line(at[0], at[1], at[2]);
	prctl(PR_SET_NAME, "qpod-attend");
	signal(SIGTERM, end);
	signal(SIGINT, end);
	signal(SIGCHLD, SIG_IGN);
	listening = listen_for(&service);
	if (listening < 0)
		return report_failure("listen on", SOCKET, errno, remedy_for(errno)), EXIT_QPOD;
	if (access(LEND_NOTHING, F_OK) < 0) {
		lender = lend_namespaces(service.uid, service.gid);
		error = lender < 0 ? -lender : 0;
	}
	if (write_note(&service, lender > 0 ? lender : getpid(), error) < 0)
		return report_failure("write", NOTE, errno, remedy_for(errno)), EXIT_QPOD;
	answer(listening, &service);
}
