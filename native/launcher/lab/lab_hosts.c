#define _GNU_SOURCE
#include "lab_hosts.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../format/status.h"
#include "../base/files.h"
#include "../base/first_process.h"
#include "../base/report.h"
#include "lab_host.h"
#include "lab_interface.h"
#include "netlink.h"

#define HEARD_MAX (2 * STATUS_TEXT_MAX)

/* What hosts said and was not read yet. */
struct ear {
	int fd;
	size_t used;
	unsigned char bytes[HEARD_MAX];
};

/* Waits for a word of each of count hosts. -1: one of them failed, and what it said was passed on. */
static int hear(struct ear *ear, unsigned count)
{
	const size_t head = sizeof(struct status_header);

	while (count > 0) {
		struct status_header header;
		const char *text;
		size_t offset = 0;
		while (count > 0 && status_read(ear->bytes, ear->used, &offset, &header, &text) == 1) {
			count--;
			if (header.kind != STATUS_FAILED)
				continue;
			const char *argument = text + strlen(text) + 1, *remedy = argument + strlen(argument) + 1;
			return report_failure(text, argument, (int)header.number, *remedy ? remedy : NULL);
		}
		ear->used -= offset;
		memmove(ear->bytes, ear->bytes + offset, ear->used);
		if (count == 0)
			break;
		ssize_t n = read(ear->fd, ear->bytes + ear->used, sizeof ear->bytes - ear->used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || sizeof ear->bytes - ear->used < head)
			return report_failure("make the hosts", NULL, 0, "A host's first process ended without a word; is memory or the number of processes limited?");
		ear->used += (size_t)n;
	}
	return 0;
}

/* A switch's end stays here, outside of all hosts. */
static pid_t find_end(const struct operation *op, unsigned end, const pid_t *hosts)
{
	return op->number[end] == LAB_SWITCH ? 0 : hosts[op->number[end]];
}

static int join_switch(int network, const struct operation *op, unsigned end)
{
	const char *interface = operation_string(op, end, NULL), *name = operation_string(op, 2 + end, NULL);

	if (op->number[end] != LAB_SWITCH)
		return 0;
	return netlink_join(network, if_nametoindex(interface), if_nametoindex(name));
}

static int make_pair(int network, const struct operation *op, const pid_t *hosts)
{
	const char *here = operation_string(op, 0, NULL), *there = operation_string(op, 1, NULL);
	int error = netlink_add_pair(network, here, find_end(op, 0, hosts), there, find_end(op, 1, hosts), (unsigned)op->number[2]);

	for (unsigned end = 0; end < 2 && !error; end++)
		error = join_switch(network, op, end);
	if (error)
		return report_failure("make the link of", here, -error, remedy_for_network(-error));
	return 0;
}

static int is_pair(const struct operation *op, uint64_t count)
{
	return op->code == OP_LAB_PAIR && op->strings == 4 && (op->number[0] < count || op->number[0] == LAB_SWITCH)
		&& (op->number[1] < count || op->number[1] == LAB_SWITCH);
}

static int make_links(const struct operation_list *list, size_t offset, const pid_t *hosts, uint64_t count)
{
	struct operation op;
	int network = netlink_open(0), error = 0;

	if (network < 0)
		return report_failure("talk to the kernel's network", NULL, -network, NULL);
	while (!error && operation_next(list, &offset, &op)) {
		const char *name = operation_string(&op, 0, NULL);
		if (op.code == OP_LAB_SWITCH && (error = netlink_add_bridge(network, name, (unsigned)op.number[0])))
			error = report_failure("make the switch", name, -error, remedy_for_network(-error));
		if (is_pair(&op, count))
			error = make_pair(network, &op, hosts);
	}
	close(network);
	return error;
}

/* The switches' ends; those of hosts are their own affair. */
static int await_switches(const struct operation_list *list, size_t offset)
{
	struct operation op;

	while (operation_next(list, &offset, &op))
		for (unsigned end = 0; end < 2 && op.code == OP_LAB_PAIR && op.strings == 4; end++) {
			const char *name = operation_string(&op, end, NULL);
			if (op.number[end] == LAB_SWITCH && await_running(&name, 1) < 0)
				return -1;
		}
	return 0;
}

/* Hosts come first in a list. */
static uint64_t count_hosts(const struct operation_list *list, size_t *links)
{
	struct operation op;
	size_t offset = 0;
	uint64_t count = 0;

	*links = list->size;
	while (*links = offset, operation_next(list, &offset, &op)) {
		if (op.code == OP_LAB_SWITCH || op.code == OP_LAB_PAIR)
			break;
		count += op.code == OP_LAB_HOST;
	}
	return count;
}

static int start_hosts(const struct operation_list *list, pid_t *hosts, uint64_t count, const int *told, const int *go)
{
	struct operation op;
	size_t offset = 0;
	uint64_t n = 0;

	while (n < count && operation_next(list, &offset, &op)) {
		if (op.code != OP_LAB_HOST)
			continue;
		pid_t pid = fork();
		if (pid < 0)
			return report_failure("start a process for the host", operation_string(&op, 0, NULL), errno, remedy_for(errno));
		if (pid == 0) {
			close(told[0]);
			close(go[1]);
			become_host(list, offset, &op, told[1], go[0]);
		}
		hosts[n++] = pid;
	}
	return 0;
}

static void tell_hosts(int fd, const struct operation_list *list, const pid_t *hosts)
{
	struct operation op;
	size_t offset = 0, n = 0;
	char number[24], time[24];

	while (operation_next(list, &offset, &op)) {
		if (op.code != OP_LAB_HOST)
			continue;
		snprintf(number, sizeof number, "%llu", (unsigned long long)op.number[0]);
		snprintf(time, sizeof time, "%llu", (unsigned long long)read_start_time(hosts[n]));
		status_write(fd, STATUS_FACT, hosts[n++], (const char *[]){ number, time, NULL });
	}
}

int make_hosts(const struct operation_list *list)
{
	static struct ear ear;
	size_t links;
	uint64_t count = count_hosts(list, &links);
	pid_t *hosts = calloc(count + 1, sizeof *hosts);
	int told[2], go[2];

	if (!hosts || pipe2(told, O_CLOEXEC) < 0 || pipe2(go, O_CLOEXEC) < 0)
		return report_failure("prepare the hosts", NULL, errno, remedy_for(errno));
	if (start_hosts(list, hosts, count, told, go) < 0)
		return -1;
	close(told[1]);
	close(go[0]);
	ear = (struct ear){ .fd = told[0] };
	if (hear(&ear, (unsigned)count) < 0 || make_links(list, links, hosts, count) < 0)
		return -1;
	close(go[1]);
	if (await_switches(list, links) < 0 || hear(&ear, (unsigned)count) < 0)
		return -1;
	close(told[0]);
	tell_hosts(report_fd, list, hosts);
	free(hosts);
	return 0;
}
