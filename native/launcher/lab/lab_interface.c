#define _GNU_SOURCE
#include "lab_interface.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../base/report.h"
#include "netlink.h"

/* Milliseconds; the kernel needs less than one, and a second where it delays its notes. */
#define PATIENCE 10000
#define INTERFACES_MAX 4096

const char *remedy_for_network(int error)
{
	switch (error) {
	case EOPNOTSUPP:
		return "The kernel lacks it: load the modules veth and bridge, or build them in.";
	case EEXIST:
		return "It is there already: give each its own.";
	case ENETUNREACH:
	case EHOSTUNREACH:
		return "The gateway must be a neighbour: in a network of one of the host's own addresses.";
	default:
		return remedy_for(error);
	}
}

static int await_one(int network, int events, const char *name)
{
	unsigned index = if_nametoindex(name);
	char note[8192];

	if (!index)
		return report_failure("find the interface", name, errno, NULL);
	for (;;) {
		struct pollfd changed = { .fd = events, .events = POLLIN };
		int running = netlink_is_running(network, index);
		if (running > 0)
			return 0;
		if (running < 0)
			return report_failure("ask for the state of", name, -running, NULL);
		/* The socket was told of changes since before we asked. */
		if (poll(&changed, 1, PATIENCE) <= 0)
			return report_failure("bring up", name, ETIMEDOUT, NULL);
		while (recv(events, note, sizeof note, MSG_DONTWAIT) > 0)
			;
	}
}

int await_running(const char *const *names, unsigned count)
{
	int network = netlink_open(0), events = netlink_open(1), result = 0;

	if (network < 0 || events < 0)
		return report_failure("talk to the kernel's network", NULL, EMFILE, remedy_for(EMFILE));
	for (unsigned i = 0; i < count && !result; i++)
		result = await_one(network, events, names[i]);
	close(network);
	close(events);
	return result;
}

int set_up_interfaces(int network, const struct operation *op)
{
	static const char *names[INTERFACES_MAX];
	unsigned count = (unsigned)operation_strings(op, names, INTERFACES_MAX);

	for (unsigned i = 0; i < count; i++) {
		int error = netlink_set_up(network, if_nametoindex(names[i]));
		if (error)
			return report_failure("set up", names[i], -error, remedy_for_network(-error));
	}
	return await_running(names, count);
}

static const char *as_text(const void *bytes, size_t size, char out[INET6_ADDRSTRLEN])
{
	return inet_ntop(size == 4 ? AF_INET : AF_INET6, bytes, out, INET6_ADDRSTRLEN);
}

int add_address(int network, const struct operation *op, const char *host)
{
	char what[256], address[INET6_ADDRSTRLEN];
	uint32_t size = 0;
	const char *name = operation_string(op, 0, NULL), *bytes = operation_string(op, 1, &size);
	int error = !name || (size != 4 && size != 16) ? -EINVAL
		: netlink_add_address(network, if_nametoindex(name), bytes, size, (unsigned)op->number[0]);

	if (!error)
		return 0;
	snprintf(what, sizeof what, "%s/%u to %s of %s", size == 4 || size == 16 ? as_text(bytes, size, address) : "?",
		(unsigned)op->number[0], name, host);
	return report_failure("add the address", what, -error,
		error == -EOPNOTSUPP || error == -EACCES ? "IPv6 is switched off on this system." : remedy_for_network(-error));
}

int add_route(int network, const struct operation *op, const char *host)
{
	char what[256], address[INET6_ADDRSTRLEN];
	uint32_t size = 0, via_size = 0;
	const char *name = operation_string(op, 0, NULL), *to = operation_string(op, 1, &size), *via = operation_string(op, 2, &via_size);
	int error = -EINVAL;

	if ((size == 4 || size == 16) && (via_size == 0 || via_size == size))
		error = netlink_add_route(network, to, (unsigned)op->number[0], via_size ? via : NULL, size,
			name && *name ? if_nametoindex(name) : 0, (unsigned)op->number[1], (unsigned)op->number[2]);
	if (!error)
		return 0;
	snprintf(what, sizeof what, "to %s/%u on %s", size == 4 || size == 16 ? as_text(to, size, address) : "?", (unsigned)op->number[0], host);
	return report_failure("add the route", what, -error, remedy_for_network(-error));
}
