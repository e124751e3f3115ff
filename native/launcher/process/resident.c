#define _GNU_SOURCE
#include "resident.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../format/bytes.h"
#include "../base/report.h"
#include "children.h"

#define CHANNEL 3
#define HEADER_SIZE 24u

static struct {
	unsigned char *at;
	size_t used, room;
} input;

static int watch(int poll, int fd, uint64_t about)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = about };

	return epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
}

/* All requests that are whole. -1: what came is none. */
static int take_requests(void)
{
	size_t at = 0;

	while (input.used - at >= HEADER_SIZE) {
		size_t size = bytes_u32(input.at + at + 12);
		struct operation_list list;
		struct operation request;
		size_t offset = 0;

		if (size < HEADER_SIZE || !bytes_equal(input.at + at, OPERATION_MAGIC, 8))
			return -1;
		if (size > input.used - at)
			break;
		if (operation_open(&list, input.at + at, size) != OPERATION_FINE || !operation_next(&list, &offset, &request)
		    || request.code != OP_REQUEST)
			return -1;
		children_request(&list, &request);
		at += size;
	}
	input.used -= at;
	memmove(input.at, input.at + at, input.used);
	return 0;
}

/* -1: our caller is gone, or talks another language. */
static int hear_caller(void)
{
	ssize_t n;

	if (input.room - input.used < 65536) {
		size_t room = 2 * input.room + 131072;
		unsigned char *more = realloc(input.at, room);
		if (!more)
			return -1;
		input.at = more;
		input.room = room;
	}
	n = recv(CHANNEL, input.at + input.used, input.room - input.used, MSG_DONTWAIT);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n <= 0)
		return -1;
	input.used += (size_t)n;
	return take_requests();
}

/* The terminal's signals are for our caller and the commands, which are in one group with us. */
static int take_signals(void)
{
	static const int ignored[] = { SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE };
	sigset_t all;

	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		signal(ignored[i], SIG_IGN);
	/* All of them: a handler must not run in a child that shares our memory, and there are none. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	sigemptyset(&all);
	sigaddset(&all, SIGCHLD);
	return signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
}

int stay_resident(void)
{
	struct epoll_event events[64];
	struct signalfd_siginfo ignored;
	int poll = epoll_create1(EPOLL_CLOEXEC), ends = take_signals(), asked = 1;

	fcntl(CHANNEL, F_SETFD, FD_CLOEXEC);
	if (poll < 0 || ends < 0 || watch(poll, CHANNEL, ABOUT_CHANNEL) < 0 || watch(poll, ends, ABOUT_ENDS) < 0)
		return report_failure("wait for requests", NULL, errno, remedy_for(errno)), EXIT_QPOD;
	prctl(PR_SET_NAME, "qpod-children");
	children_begin(poll, CHANNEL);
	while (asked) {
		int n = epoll_wait(poll, events, 64, -1), has_ended = 0, is_asked = 0;
		for (int i = 0; i < n; i++) {
			if (events[i].data.u64 == ABOUT_CHANNEL)
				is_asked = 1;
			else if (events[i].data.u64 == ABOUT_ENDS)
				has_ended = 1;
			else
				children_hear(events[i].data.u64);
		}
		/* Last, since a request may take a place in the table that an event of this round was about. */
		while (has_ended && read(ends, &ignored, sizeof ignored) > 0)
			;
		if (has_ended)
			children_reap();
		if (is_asked && hear_caller() < 0)
			asked = 0;
		if (children_say() < 0)
			asked = 0;
	}
	return 0;
}
