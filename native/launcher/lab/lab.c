#define _GNU_SOURCE
#include "lab.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../format/bytes.h"
#include "../../format/operation.h"
#include "../../format/status.h"
#include "../base/files.h"
#include "../base/identity.h"
#include "../base/report.h"
#include "../pod/perform.h"
#include "../pod/start.h"
#include "lab_hosts.h"
#include "netlink.h"

#define CHANNEL 3
#define HEADER_SIZE 24u
#define LIST_MAX (64u << 20)

/* The next list. -1: nobody is there any more, or talks another language. */
static int read_list(struct operation_list *list)
{
	unsigned char header[HEADER_SIZE], *bytes;
	size_t size;

	if (read_exactly(CHANNEL, header, sizeof header) < 0)
		return -1;
	size = bytes_u32(header + 12);
	if (size < HEADER_SIZE || size > LIST_MAX || !(bytes = malloc(size)))
		return -1;
	memcpy(bytes, header, HEADER_SIZE);
	if (read_exactly(CHANNEL, bytes + HEADER_SIZE, size - HEADER_SIZE) < 0)
		return -1;
	if (operation_open(list, bytes, size) == OPERATION_FINE)
		return 0;
	return report_failure("read the request", NULL, EPROTO, "Build qpod again: its parts are of different versions.");
}

static void say(const char *fact)
{
	status_write(CHANNEL, STATUS_FACT, 0, (const char *[]){ fact, "", NULL });
}

/* Nothing of the runner's is kept, and no signal of its terminal comes. */
static void leave_runner(int parent)
{
	sigset_t none;

	setsid();
	sigemptyset(&none);
	for (int i = 1; i < 32; i++)
		signal(i, SIG_DFL);
	/* Who loses its parent in here becomes our child; nobody waits for it. */
	signal(SIGCHLD, SIG_IGN);
	sigprocmask(SIG_SETMASK, &none, NULL);
	close_all_but(CHANNEL, parent);
	open("/dev/null", O_RDWR | O_CLOEXEC);
	dup2(0, 1);
	dup2(0, 2);
	umask(022);
}

static int prepare(const struct operation_list *list)
{
	struct operation op;
	size_t offset = 0;
	int network;

	while (operation_next(list, &offset, &op))
		if (op.code != OP_LAB && perform_operation(&op) < 0)
			return -1;
	if (check_root() < 0)
		return -1;
	network = netlink_open(0);
	if (network < 0)
		return report_failure("talk to the kernel's network", NULL, -network, NULL);
	netlink_set_up(network, 1);
	close(network);
	return 0;
}

static int carry_out(const struct operation_list *list, int parent)
{
	struct operation op;
	size_t offset = 0;

	if (!operation_next(list, &offset, &op))
		return 0;
	if (op.code != OP_LAB_STAY)
		return make_hosts(list);
	prctl(PR_SET_PDEATHSIG, 0);
	say("stays");
	/* Our parent was only there to be waited for. */
	if (write(parent, "s", 1) != 1)
		_exit(EXIT_QPOD);
	close(CHANNEL);
	for (;;)
		pause();
}

static _Noreturn void become_first(const struct operation_list *list, int parent)
{
	struct operation_list next;
	struct pollfd gone = { .fd = parent };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Its other end is only our parent's: it may have ended before the line above. */
	if (poll(&gone, 1, 0) > 0 && (gone.revents & POLLERR))
		_exit(EXIT_QPOD);
	report_fd = CHANNEL;
	leave_runner(parent);
	if (chdir("/") < 0 || prepare(list) < 0)
		_exit(EXIT_QPOD);
	prctl(PR_SET_NAME, "qpod-lab");
	rename_process("qpod-lab", "");
	say("ready");
	while (read_list(&next) == 0) {
		if (carry_out(&next, parent) < 0)
			_exit(EXIT_QPOD);
		say("done");
		free((void *)next.bytes);
	}
	_exit(0);
}

/* The first process of a pid namespace must be a child of who made it; so we wait, and do nothing else. */
static int wait_for(pid_t first, int word)
{
	char byte;
	int status;

	while (read(word, &byte, 1) < 0)
		if (errno != EINTR)
			break;
	if (byte == 's')
		return 0;
	while (waitpid(first, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_QPOD;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int run_lab(void)
{
	static const int ignored[] = { SIGINT, SIGQUIT, SIGHUP, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE };
	struct operation_list list;
	struct operation op;
	size_t offset = 0;
	int word[2];

	report_fd = CHANNEL;
	fcntl(CHANNEL, F_SETFD, FD_CLOEXEC);
	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		signal(ignored[i], SIG_IGN);
	if (read_list(&list) < 0 || !operation_next(&list, &offset, &op) || op.code != OP_LAB)
		return EXIT_QPOD;
	const char *uids = operation_string(&op, 0, NULL), *gids = operation_string(&op, 1, NULL);
	if (uids && *uids && make_user_namespace(uids, gids ? gids : "", op.number[0] != 0) < 0)
		return EXIT_QPOD;
	if (unshare(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC) < 0)
		return report_failure("make the lab's namespaces", NULL, errno, remedy_for(errno)), EXIT_QPOD;
	if (pipe2(word, O_CLOEXEC) < 0)
		return report_failure("make a pipe", NULL, errno, remedy_for(errno)), EXIT_QPOD;
	pid_t first = fork();
	if (first < 0)
		return report_failure("start the lab's first process", NULL, errno, remedy_for(errno)), EXIT_QPOD;
	if (first == 0) {
		close(word[0]);
		become_first(&list, word[1]);
	}
	close(word[1]);
	/* Not with the time of its start: by now /proc may be the lab's, in which it has another number. */
	status_write(CHANNEL, STATUS_STARTED, first, (const char *[]){ "lab", "", NULL });
	close(CHANNEL);
	if (chdir("/") < 0)
		return EXIT_QPOD;
	return wait_for(first, word[0]);
}
