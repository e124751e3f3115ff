#define _GNU_SOURCE
#include "listening.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../base/report.h"

#define NETLINK_SOCK_DIAG 4
#define SOCK_DIAG_BY_FAMILY 20
#define NLMSG_ERROR 2
#define NLMSG_DONE 3
#define DUMP 0x301 /* NLM_F_REQUEST | NLM_F_DUMP */
#define TCP_CLOSE 7
#define TCP_LISTEN 10
/* Milliseconds between two questions; one takes some microseconds. */
#define PAUSE 1

struct head { uint32_t length; uint16_t type, flags; uint32_t sequence, port; };
struct socket_id { uint16_t source, destination; uint32_t from[4], to[4], interface, cookie[2]; };
struct question { struct head head; uint8_t family, protocol, extensions, pad; uint32_t states; struct socket_id id; };
struct answer { uint8_t family, state, timer, retransmits; struct socket_id id; };

/* Of what came at once: 1 somebody listens, 0 nobody, 2 more is to come, -errno. */
static int look_through(const unsigned char *bytes, size_t size, uint16_t port)
{
	struct head head;
	struct answer answer;
	int32_t error;

	for (size_t at = 0; at + sizeof head <= size; at += (head.length + 3u) & ~3u) {
		memcpy(&head, bytes + at, sizeof head);
		if (head.length < sizeof head || head.length > size - at)
			break;
		if (head.type == NLMSG_DONE)
			return 0;
		if (head.type == NLMSG_ERROR) {
			memcpy(&error, bytes + at + sizeof head, sizeof error);
			return error;
		}
		if (head.length < sizeof head + sizeof answer)
			continue;
		memcpy(&answer, bytes + at + sizeof head, sizeof answer);
		if (answer.id.source == htons(port))
			return 1;
	}
	return 2;
}

/* 1 when somebody listens, 0 when nobody does, -errno. A socket for each question: an answer may be left half read. */
static int is_listening(int family, int protocol, uint16_t port)
{
	struct question question = { .head = { sizeof question, SOCK_DIAG_BY_FAMILY, DUMP, 1, 0 }, .family = (uint8_t)family,
		.protocol = (uint8_t)protocol, .states = 1u << (protocol == IPPROTO_TCP ? TCP_LISTEN : TCP_CLOSE) };
	static unsigned char bytes[32768];
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG), result = 2;

	if (fd < 0)
		return -errno;
	if (send(fd, &question, sizeof question, 0) < 0)
		result = -errno;
	while (result == 2) {
		ssize_t n = recv(fd, bytes, sizeof bytes, 0);
		if (n < 0 && errno == EINTR)
			continue;
		result = n <= 0 ? -errno : look_through(bytes, (size_t)n, port);
	}
	close(fd);
	return result;
}

int await_listening(char **argv)
{
	int protocol = argv[0] && strcmp(argv[0], "udp") == 0 ? IPPROTO_UDP : IPPROTO_TCP;
	uint16_t port = (uint16_t)(argv[0] && argv[1] ? atoi(argv[1]) : 0);

	for (;;) {
		int four = is_listening(AF_INET, protocol, port), six = is_listening(AF_INET6, protocol, port);
		if (four == 1 || six == 1)
			return 0;
		if (four < 0)
			return report_failure("ask the kernel who listens", NULL, -four, "It lacks inet_diag: load the modules tcp_diag and udp_diag."), EXIT_QPOD;
		poll(NULL, 0, PAUSE);
	}
}
