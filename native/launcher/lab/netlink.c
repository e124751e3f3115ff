#define _GNU_SOURCE
#include "netlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RTM_NEWLINK = 16, RTM_GETLINK = 18, RTM_NEWADDR = 20, RTM_NEWROUTE = 24 };
enum { NLMSG_ERROR = 2, NLM_F_REQUEST = 1, NLM_F_ACK = 4, NLM_F_EXCL = 0x200, NLM_F_CREATE = 0x400 };
enum { IFLA_IFNAME = 3, IFLA_MTU = 4, IFLA_MASTER = 10, IFLA_OPERSTATE = 16, IFLA_LINKINFO = 18, IFLA_NET_NS_PID = 19 };
enum { IFLA_INFO_KIND = 1, IFLA_INFO_DATA = 2, VETH_INFO_PEER = 1, IFLA_BR_MCAST_SNOOPING = 23 };
enum { IFA_ADDRESS = 1, IFA_LOCAL = 2, IFA_BROADCAST = 4, IFA_FLAGS = 8, IFA_F_NODAD = 2 };
enum { RTA_DST = 1, RTA_OIF = 4, RTA_GATEWAY = 5, RTA_PRIORITY = 6 };
enum { RT_TABLE_MAIN = 254, RTPROT_STATIC = 4, RT_SCOPE_UNIVERSE = 0, RT_SCOPE_LINK = 253 };
enum { RTMGRP_LINK = 1, IF_UP = 1, OPERSTATE_UP = 6 };

struct head { uint32_t length; uint16_t type, flags; uint32_t sequence, port; };
struct link { uint8_t family, pad; uint16_t type; int32_t index; uint32_t flags, change; };
struct address { uint8_t family, prefix, flags, scope; uint32_t index; };
struct route { uint8_t family, to_prefix, from_prefix, tos, table, protocol, scope, type; uint32_t flags; };
struct attribute { uint16_t length, type; };

struct message {
	union {
		struct head head;
		unsigned char bytes[1024];
	};
	size_t used;
};

static size_t align(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

static void begin(struct message *m, unsigned type, unsigned flags, const void *body, size_t size)
{
	memset(m, 0, sizeof *m);
	m->head.type = (uint16_t)type;
	m->head.flags = (uint16_t)(NLM_F_REQUEST | flags);
	memcpy(m->bytes + sizeof m->head, body, size);
	m->used = sizeof m->head + align(size);
}

static size_t open_nest(struct message *m, unsigned type)
{
	struct attribute a = { 0, (uint16_t)type };
	size_t at = m->used;

	memcpy(m->bytes + at, &a, sizeof a);
	m->used += sizeof a;
	return at;
}

static void close_nest(struct message *m, size_t at)
{
	uint16_t length = (uint16_t)(m->used - at);

	memcpy(m->bytes + at, &length, sizeof length);
	m->used = align(m->used);
}

static void put(struct message *m, unsigned type, const void *data, size_t size)
{
	size_t at = open_nest(m, type);

	memcpy(m->bytes + m->used, data, size);
	m->used += size;
	close_nest(m, at);
}

static void put_number(struct message *m, unsigned type, uint32_t number)
{
	put(m, type, &number, sizeof number);
}

static void put_text(struct message *m, unsigned type, const char *text)
{
	put(m, type, text, strlen(text) + 1);
}

/* Sends it and takes the answer, which goes over the message; its size or -errno. */
static ssize_t ask(int fd, struct message *m)
{
	static uint32_t sequence;
	uint32_t expected = ++sequence;
	ssize_t n;

	m->head.length = (uint32_t)m->used;
	m->head.sequence = expected;
	while (send(fd, m->bytes, m->used, 0) < 0)
		if (errno != EINTR)
			return -errno;
	do {
		n = recv(fd, m->bytes, sizeof m->bytes, 0);
		if (n < 0 && errno != EINTR)
			return -errno;
	} while (n < (ssize_t)sizeof m->head || m->head.sequence != expected);
	if (m->head.type != NLMSG_ERROR)
		return n;
	int32_t error;
	memcpy(&error, m->bytes + sizeof m->head, sizeof error);
	return error;
}

static int change(int fd, struct message *m)
{
	return (int)ask(fd, m);
}

int netlink_open(int events)
{
	struct { uint16_t family, pad; uint32_t port, groups; } name = { AF_NETLINK, 0, 0, events ? RTMGRP_LINK : 0 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (bind(fd, (void *)&name, sizeof name) == 0)
		return fd;
	int error = errno;
	close(fd);
	return -error;
}

static void put_end(struct message *m, const char *name, pid_t where, unsigned mtu)
{
	put_text(m, IFLA_IFNAME, name);
	if (mtu)
		put_number(m, IFLA_MTU, mtu);
	if (where)
		put_number(m, IFLA_NET_NS_PID, (uint32_t)where);
}

int netlink_add_pair(int fd, const char *name, pid_t where, const char *peer, pid_t peer_where, unsigned mtu)
{
	struct link body = { 0 };
	struct message m;

	begin(&m, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
	put_end(&m, name, where, mtu);
	size_t info = open_nest(&m, IFLA_LINKINFO);
	put_text(&m, IFLA_INFO_KIND, "veth");
	size_t data = open_nest(&m, IFLA_INFO_DATA), other = open_nest(&m, VETH_INFO_PEER);
	memcpy(m.bytes + m.used, &body, sizeof body);
	m.used += sizeof body;
	put_end(&m, peer, peer_where, mtu);
	close_nest(&m, other);
	close_nest(&m, data);
	close_nest(&m, info);
	return change(fd, &m);
}

int netlink_add_bridge(int fd, const char *name, unsigned mtu)
{
	struct link body = { .flags = IF_UP, .change = IF_UP };
	uint8_t no = 0;
	struct message m;

	begin(&m, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
	put_end(&m, name, 0, mtu);
	size_t info = open_nest(&m, IFLA_LINKINFO);
	put_text(&m, IFLA_INFO_KIND, "bridge");
	size_t data = open_nest(&m, IFLA_INFO_DATA);
	/* A switch that passes all: one that learns who listens to which group may lose the first packets. */
	put(&m, IFLA_BR_MCAST_SNOOPING, &no, sizeof no);
	close_nest(&m, data);
	close_nest(&m, info);
	return change(fd, &m);
}

int netlink_join(int fd, unsigned index, unsigned bridge)
{
	struct link body = { .index = (int32_t)index, .flags = IF_UP, .change = IF_UP };
	struct message m;

	begin(&m, RTM_NEWLINK, NLM_F_ACK, &body, sizeof body);
	put_number(&m, IFLA_MASTER, bridge);
	return change(fd, &m);
}

int netlink_set_up(int fd, unsigned index)
{
	struct link body = { .index = (int32_t)index, .flags = IF_UP, .change = IF_UP };
	struct message m;

	begin(&m, RTM_NEWLINK, NLM_F_ACK, &body, sizeof body);
	return change(fd, &m);
}

static uint8_t family_of(size_t size)
{
	return size == 4 ? AF_INET : AF_INET6;
}

int netlink_add_address(int fd, unsigned index, const void *bytes, size_t size, unsigned prefix)
{
	struct address body = { .family = family_of(size), .prefix = (uint8_t)prefix, .index = index };
	struct message m;

	begin(&m, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
	put(&m, IFA_LOCAL, bytes, size);
	put(&m, IFA_ADDRESS, bytes, size);
	if (size == 4 && prefix < 31) {
		unsigned char broadcast[4];
		for (unsigned i = 0; i < 4; i++) {
			unsigned kept = prefix >= 8 * (i + 1) ? 8 : prefix <= 8 * i ? 0 : prefix - 8 * i;
			broadcast[i] = (unsigned char)(((const unsigned char *)bytes)[i] | (0xffu >> kept));
		}
		put(&m, IFA_BROADCAST, broadcast, 4);
	}
	if (size == 16)
		put_number(&m, IFA_FLAGS, IFA_F_NODAD);
	return change(fd, &m);
}

int netlink_add_route(int fd, const void *to, unsigned prefix, const void *gateway, size_t size, unsigned index, unsigned type, unsigned metric)
{
	struct route body = { .family = family_of(size), .to_prefix = (uint8_t)prefix, .table = RT_TABLE_MAIN, .protocol = RTPROT_STATIC,
		.scope = gateway || type != 1 || size != 4 ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK, .type = (uint8_t)type };
	struct message m;

	begin(&m, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
	if (prefix)
		put(&m, RTA_DST, to, size);
	if (gateway)
		put(&m, RTA_GATEWAY, gateway, size);
	if (index)
		put_number(&m, RTA_OIF, index);
	if (metric)
		put_number(&m, RTA_PRIORITY, metric);
	return change(fd, &m);
}

int netlink_is_running(int fd, unsigned index)
{
	struct link body = { .index = (int32_t)index };
	union {
		struct message m;
		unsigned char room[8192];
	} large;
	struct message *m = &large.m;

	begin(m, RTM_GETLINK, 0, &body, sizeof body);
	static uint32_t sequence = 0x10000000;
	m->head.length = (uint32_t)m->used;
	m->head.sequence = ++sequence;
	if (send(fd, m->bytes, m->used, 0) < 0)
		return -errno;
	unsigned char *answer = large.room;
	uint32_t expected = sequence;
	ssize_t n;
	struct head head;
	do {
		n = recv(fd, answer, sizeof large.room, 0);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n >= (ssize_t)sizeof head)
			memcpy(&head, answer, sizeof head);
	} while (n < (ssize_t)sizeof head || head.sequence != expected);
	if (head.type != RTM_NEWLINK)
		return -ENODEV;
	for (size_t at = sizeof head + sizeof body; at + sizeof(struct attribute) <= (size_t)n;) {
		struct attribute a;
		memcpy(&a, answer + at, sizeof a);
		if (a.length < sizeof a)
			break;
		if (a.type == IFLA_OPERSTATE)
			return answer[at + sizeof a] == OPERSTATE_UP;
		at += align(a.length);
	}
	return 0;
}
