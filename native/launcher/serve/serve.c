#define _GNU_SOURCE
#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/environ.h"
#include "../base/report.h"
#include "../enter/request.h"

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

#define MOST_GROUPS 65536

/* Who is at the other end, by the kernel's word. */
struct peer {
	struct ucred ids;
	gid_t *groups;
	size_t count;
};

static int know_peer(int connection, struct peer *peer)
{
	socklen_t size = sizeof peer->ids;

	if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer->ids, &size) < 0)
		return -1;
	size = MOST_GROUPS * sizeof *peer->groups;
	peer->groups = malloc(size);
	peer->count = 0;
	/* Kernels before 4.13 do not tell; the command then has its own group alone. */
	if (peer->groups && getsockopt(connection, SOL_SOCKET, SO_PEERGROUPS, peer->groups, &size) == 0)
		peer->count = size / sizeof *peer->groups;
	return 0;
}

static int is_member(const struct peer *peer, gid_t group)
{
	if (peer->ids.uid == 0 || peer->ids.gid == group)
		return 1;
	for (size_t i = 0; i < peer->count; i++)
		if (peer->groups[i] == group)
			return 1;
	return 0;
}

/* To the numbers that the caller has them under. They are moved out of the way first: one may be another's place. */
static int place_descriptors(struct request *request)
{
	struct rlimit limit;
	int above = 3;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	for (int i = 0; i < request->descriptors; i++)
		if (request->number[i] >= above)
			above = request->number[i] + 1;
	for (int i = 0; i < request->descriptors; i++)
		if ((request->descriptor[i] = fcntl(request->descriptor[i], F_DUPFD_CLOEXEC, above)) < 0)
			return -1;
	/* All others of ours close by themselves. */
	for (int fd = 0; fd < 3; fd++)
		close(fd);
	for (int i = 0; i < request->descriptors; i++)
		if (dup2(request->descriptor[i], request->number[i]) < 0)
			return -1;
	return 0;
}

static int take_person(const struct peer *peer, const struct service *service, int stay_root)
{
	gid_t root = 0;

	if (stay_root)
		return setgroups(1, &root) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0 ? -1 : 0;
	return setgroups(peer->count, peer->groups) < 0 || setresgid(service->gid, service->gid, service->gid) < 0
		|| setresuid(service->uid, service->uid, service->uid) < 0 ? -1 : 0;
}

static _Noreturn void become_command(struct request *request, const struct peer *peer, const struct service *service)
{
	setpgid(0, 0);
	if (place_descriptors(request) < 0)
		_exit(EXIT_QPOD);
	give_state(&request->state);
	if (request->errand.stay_root && !is_member(peer, service->group)) {
		report_text("Log in as a member of the group of the engine's socket.", "you may not be root in this pod");
		_exit(EXIT_QPOD);
	}
	if (take_person(peer, service, request->errand.stay_root) < 0) {
		report_failure("take the ids of the user", NULL, errno, remedy_for(errno));
		_exit(EXIT_QPOD);
	}
	if (change_directory(request->errand.directory) < 0)
		_exit(EXIT_QPOD);
	_exit(exec_errand(&request->errand, request->errand.envp));
}

static void pass_signal(pid_t command, int value)
{
	int number = value & (SIGNAL_ALONE - 1);

	if (kill(value & SIGNAL_ALONE ? command : -command, number) < 0 && errno == ESRCH)
		kill(command, number);
}

/* 1 when the command has ended. */
static int tell_of(pid_t command, int connection)
{
	int status;

	while (waitpid(command, &status, WNOHANG | WUNTRACED) == command) {
		if (WIFSTOPPED(status)) {
			send_notice(connection, NOTICE_STOPPED, WSTOPSIG(status));
			continue;
		}
		send_notice(connection, WIFEXITED(status) ? NOTICE_EXITED : NOTICE_KILLED, WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
		return 1;
	}
	return 0;
}

static _Noreturn void attend_to(pid_t command, int connection, int children)
{
	struct pollfd watched[2] = { { .fd = connection, .events = POLLIN }, { .fd = children, .events = POLLIN } };
	struct signalfd_siginfo event;
	struct notice notice;

	for (;;) {
		if (poll(watched, 2, -1) < 0 && errno != EINTR)
			break;
		if (watched[1].revents && read(children, &event, sizeof event) > 0 && tell_of(command, connection))
			_exit(0);
		if (!watched[0].revents)
			continue;
		if (receive_notice(connection, &notice) != 1)
			break;
		if (notice.kind == NOTICE_SIGNAL)
			pass_signal(command, notice.value);
	}
	/* The launcher is gone, as if the command itself had been killed. */
	kill(-command, SIGKILL);
	_exit(0);
}

_Noreturn void serve(int connection, const struct service *service)
{
	static struct request request;
	struct peer peer;
	sigset_t child_signal;
	int children;
	pid_t command;

	/* Whoever else can reach the socket (root, who could do anything anyway, apart) gets no answer. */
	if (know_peer(connection, &peer) < 0 || (peer.ids.uid != service->uid && peer.ids.uid != 0) || receive_request(connection, &request) < 0)
		_exit(0);
	prctl(PR_SET_NAME, "qpod-serve");
	/* A group of its own in a session of its own: only so does a stop signal stop it. */
	setsid();
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&child_signal);
	sigaddset(&child_signal, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child_signal, NULL);
	children = signalfd(-1, &child_signal, SFD_CLOEXEC | SFD_NONBLOCK);
	command = children < 0 ? -1 : fork();
	if (command < 0)
		_exit(0);
	if (command == 0)
		become_command(&request, &peer, service);
	setpgid(command, command);
	for (int i = 0; i < request.descriptors; i++)
		close(request.descriptor[i]);
	attend_to(command, connection, children);
}
