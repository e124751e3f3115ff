#define _GNU_SOURCE
#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "../base/report.h"
#include "request.h"

/* The path may be longer than a socket's address: the folder is named by a descriptor. */
static int connect_to(const char *socket_path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char parent[PATH_SIZE];
	int folder, connection, error = 0;

	parent_of(parent, socket_path);
	folder = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return -errno;
	snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", folder, base_name(socket_path));
	connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connection < 0 || connect(connection, (struct sockaddr *)&address, sizeof address) < 0)
		error = -errno;
	close(folder);
	if (error && connection >= 0)
		close(connection);
	return error ? error : connection;
}

static void set_blocked(uint64_t signals)
{
	/* By the kernel's own set: libc leaves out signals that it uses itself. */
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &signals, NULL, sizeof signals);
}

/* Every signal comes to the descriptor, but for those that must hit us: a fault of ours. */
static int open_signals(void)
{
	uint64_t all = ~0ull & ~(1ull << (SIGSEGV - 1) | 1ull << (SIGBUS - 1) | 1ull << (SIGILL - 1) | 1ull << (SIGFPE - 1));

	set_blocked(all);
	return (int)syscall(SYS_signalfd4, -1, &all, sizeof all, O_CLOEXEC | O_NONBLOCK);
}

/* From the terminal, and such as a shell's `kill %1` sends: for all that belongs to the command. What else somebody
 * sends to one process is for that one alone. */
static int is_for_all(const struct signalfd_siginfo *event)
{
	switch (event->ssi_signo) {
	case SIGINT:
	case SIGQUIT:
	case SIGTERM:
	case SIGHUP:
	case SIGTSTP:
	case SIGCONT:
	case SIGWINCH:
		return 1;
	default:
		return event->ssi_code == SI_KERNEL;
	}
}

static void pass_signals(int signals, int connection)
{
	struct signalfd_siginfo event;

	while (read(signals, &event, sizeof event) == (ssize_t)sizeof event)
		if (event.ssi_signo != SIGCHLD)
			send_notice(connection, NOTICE_SIGNAL, (int)event.ssi_signo | (is_for_all(&event) ? 0 : SIGNAL_ALONE));
}

/* As the command stopped, so do we, until a shell lets us go on: the SIGCONT then waits on the descriptor. */
static void stop_as_well(int number, int connection)
{
	uint64_t all_but = ~(1ull << (number - 1)), pending = 0;

	signal(number, SIG_DFL);
	raise(number);
	if (number != SIGSTOP)
		set_blocked(all_but);
	set_blocked(~0ull);
	/* Where nobody would let us go on (no shell with job control around us) the kernel does not stop us either. */
	if (syscall(SYS_rt_sigpending, &pending, sizeof pending) == 0 && !(pending >> (SIGCONT - 1) & 1))
		send_notice(connection, NOTICE_SIGNAL, SIGCONT);
}

static _Noreturn void die_as_well(int number)
{
	struct rlimit none = { 0, 0 };

	/* The core is the command's to leave. */
	setrlimit(RLIMIT_CORE, &none);
	signal(number, SIG_DFL);
	raise(number);
	set_blocked(0);
	_exit(128 + number);
}

static int stand_for_command(int connection, int signals)
{
	struct pollfd watched[2] = { { .fd = connection, .events = POLLIN }, { .fd = signals, .events = POLLIN } };
	struct notice notice;

	for (;;) {
		if (poll(watched, 2, -1) < 0 && errno != EINTR)
			break;
		if (watched[1].revents)
			pass_signals(signals, connection);
		if (!watched[0].revents)
			continue;
		if (receive_notice(connection, &notice) != 1)
			break;
		if (notice.kind == NOTICE_EXITED)
			return notice.value;
		if (notice.kind == NOTICE_KILLED)
			die_as_well(notice.value);
		if (notice.kind == NOTICE_STOPPED)
			stop_as_well(notice.value, connection);
	}
	report_text("The next command starts it again.", "the pod ended, and the command with it");
	die_as_well(SIGKILL);
}

int relay_errand(const char *socket_path, const struct errand *errand)
{
	static struct request request;
	int connection, signals, error;

	error = list_descriptors(&request);
	if (error)
		return report_failure("pass on the open files", NULL, -error, "A command that the pod's own process runs gets 253 at most."), EXIT_QPOD;
	take_state(&request.state);
	request.errand = *errand;
	connection = connect_to(socket_path);
	if (connection < 0)
		return connection;
	signals = open_signals();
	if (signals < 0)
		return -errno;
	error = send_request(connection, &request);
	if (error)
		return report_failure("hand the command over to the pod", NULL, -error, remedy_for(-error)), EXIT_QPOD;
	/* Who reads from the command, or writes to it, must see when it ends. Ours are for words that can come. */
	for (int i = 0; i < request.descriptors; i++)
		if (request.number[i] != 2)
			close(request.number[i]);
	return stand_for_command(connection, signals);
}
