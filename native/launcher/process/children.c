#define _GNU_SOURCE
#include "children.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../format/status.h"
#include "../base/report.h"
#include "kill_tree.h"
#include "outbox.h"
#include "running.h"
#include "spawn.h"

#define CHUNK 65536
#define STATUS_END 255u /* in `about`: the child's reports; else the number of a descriptor in the table */

static int poll_fd, channel_fd;

void children_begin(int poll, int channel)
{
	poll_fd = poll;
	channel_fd = channel;
}

int children_say(void)
{
	return outbox_send(channel_fd);
}

static void watch(int fd, uint32_t place, uint32_t which)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = (uint64_t)which << 32 | place };

	epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event);
}

/* Our caller's, as it is now: it may have changed since we were started. */
static void take_umask(void)
{
	char path[40], text[512], *at;
	int fd;
	ssize_t n;

	snprintf(path, sizeof path, "/proc/%d/status", (int)getppid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	close_if_open(&fd);
	if (n <= 0)
		return;
	text[n] = 0;
	at = strstr(text, "\nUmask:");
	if (at)
		umask((mode_t)strtoul(at + 7, NULL, 8));
}

/* What the child wrote before it became the program, or failed to. At its end we know which. */
static void hear_status(struct running *one)
{
	unsigned char bytes[CHUNK];
	ssize_t n;

	while ((n = read(one->status, bytes, sizeof bytes)) > 0) {
		struct status_header header;
		const char *text;
		size_t at = 0;
		while (status_read(bytes, (size_t)n, &at, &header, &text) == 1)
			one->has_failed |= header.kind == STATUS_FAILED || header.kind == STATUS_NOT_RUN;
		outbox_put(bytes, (size_t)n);
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	close_if_open(&one->status);
	if (!one->has_failed)
		outbox_record(STATUS_RUNS, one->number, one->pid, NULL, 0);
	settle(one);
}

/* At most `most` bytes; they are what the child wrote, in order. */
static void hear_output(struct running *one, struct descriptor *from, size_t most)
{
	static unsigned char bytes[CHUNK];
	ssize_t n = read(from->far, bytes, most < CHUNK ? most : CHUNK);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	for (ssize_t done = 0; done < n; done += STATUS_TEXT_MAX) {
		ssize_t size = n - done < (ssize_t)STATUS_TEXT_MAX ? n - done : (ssize_t)STATUS_TEXT_MAX;
		outbox_record(STATUS_OUTPUT, one->number, from->target, bytes + done, (uint32_t)size);
	}
	if (n > 0)
		return;
	close_if_open(&from->far);
	outbox_record(STATUS_CLOSED, one->number, from->target, NULL, 0);
	settle(one);
}

void children_hear(uint64_t about)
{
	uint32_t place = (uint32_t)about, which = (uint32_t)(about >> 32);
	struct running *one = at_place(place);

	if (!one)
		return;
	if (which == STATUS_END && one->status >= 0)
		hear_status(one);
	else if (which < one->descriptors && one->descriptor[which].far >= 0)
		hear_output(one, &one->descriptor[which], CHUNK);
}

/* What it wrote itself is said before its end; what others write to the same pipe may come later. */
static void drain(struct running *one)
{
	for (unsigned i = 0; i < one->descriptors; i++) {
		struct descriptor *from = &one->descriptor[i];
		int waiting = 0;
		if (from->kind != SOURCE_CAPTURED || from->far < 0 || ioctl(from->far, FIONREAD, &waiting) < 0)
			continue;
		for (int before = -1; waiting > 0 && waiting != before && from->far >= 0;) {
			before = waiting;
			hear_output(one, from, (size_t)waiting);
			waiting = waiting > CHUNK ? waiting - CHUNK : 0;
		}
		/* Usually its end comes with it. */
		if (from->far >= 0)
			hear_output(one, from, CHUNK);
	}
}

void children_reap(void)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct running *one = find_pid(pid);
		if (!one)
			continue;
		if (one->status >= 0)
			hear_status(one);
		one->has_ended = 1;
		drain(one);
		outbox_record(STATUS_ENDED, one->number, status, NULL, 0);
		settle(one);
	}
}

static void fail(uint32_t number, const char *what, int error)
{
	outbox_failure(number, what, error);
	outbox_record(STATUS_ENDED, number, EXIT_QPOD << 8, NULL, 0);
}

static void keep_far_ends(struct running *one, uint32_t place, struct child *child)
{
	one->descriptors = child->descriptors;
	for (unsigned i = 0; i < child->descriptors; i++) {
		struct descriptor *from = &child->descriptor[i];
		one->descriptor[i] = *from;
		if (from->far < 0)
			continue;
		close(from->fd);
		if (from->kind == SOURCE_CAPTURED) {
			fcntl(from->far, F_SETFL, O_NONBLOCK);
			watch(from->far, place, i);
		}
	}
}

static void start(struct running *one, uint32_t place, struct child *child)
{
	int status[2], go[2] = { -1, -1 };

	if (pipe2(status, O_CLOEXEC) < 0 || (child->waits && pipe2(go, O_CLOEXEC) < 0))
		return fail(child->number, "make a pipe", errno);
	child->go = go[0];
	take_umask();
	*one = (struct running){ .used = 1, .number = child->number, .status = status[0], .notify = go[1] };
	one->pid = spawn(child, status[1]);
	close(status[1]);
	close_if_open(&go[0]);
	keep_far_ends(one, place, child);
	outbox_pipes(child);
	if (one->pid < 0) {
		close_if_open(&one->status);
		one->has_ended = 1;
		fail(child->number, "start a process", -one->pid);
		settle(one);
	} else if (child->forks) {
		fcntl(one->status, F_SETFL, O_NONBLOCK);
		watch(one->status, place, STATUS_END);
	} else {
		hear_status(one);
	}
}

static void request_spawn(const struct operation_list *list, uint32_t number)
{
	static struct child child;
	uint32_t place;
	struct running *one = take_place(&place);
	int error = one ? child_read(&child, list) : -ENOMEM;

	if (!error)
		error = child_make_pipes(&child);
	for (unsigned i = 0; error && i < child.descriptors; i++) {
		if (child.descriptor[i].far < 0)
			continue;
		close(child.descriptor[i].fd);
		close(child.descriptor[i].far);
	}
	if (error)
		fail(number, "prepare the child", -error);
	else
		start(one, place, &child);
	child_forget(&child);
}

static void release(struct running *one, int captured)
{
	for (unsigned i = 0; i < one->descriptors; i++) {
		struct descriptor *from = &one->descriptor[i];
		if (captured == (from->kind == SOURCE_CAPTURED))
			close_if_open(&from->far);
	}
	settle(one);
}

static void send_signal(pid_t pid, int number, uint64_t how)
{
	if (how == KILL_ALONE) {
		kill(pid, number);
	} else if (how == KILL_TREE) {
		kill_tree(pid, number);
	} else if (fork() == 0) {
		/* It waits out the grace; until then the others go on, and must not have their pipes held open by it. */
		close_all_but(-1, -1);
		end_tree(pid, number, (int)(how - KILL_GRACE));
		_exit(0);
	}
}

void children_request(const struct operation_list *list, const struct operation *request)
{
	uint32_t number = (uint32_t)request->number[0];
	struct running *one;

	if (request->number[1] == REQUEST_SPAWN) {
		request_spawn(list, number);
		return;
	}
	one = find_number(number);
	if (!one)
		return;
	if (request->number[1] == REQUEST_SIGNAL && !one->has_ended) {
		send_signal(one->pid, (int)request->number[2], request->number[3]);
	} else if (request->number[1] == REQUEST_OPENED) {
		release(one, 0);
	} else if (request->number[1] == REQUEST_NOTIFY && one->notify >= 0) {
		(void)!write(one->notify, "n", 1);
		close_if_open(&one->notify);
	} else if (request->number[1] == REQUEST_RELEASE) {
		release(one, 0);
		release(one, 1);
	}
}
