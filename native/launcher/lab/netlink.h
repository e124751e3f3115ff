/* What a lab asks of rtnetlink, one message at a time. Its numbers stand in netlink.c, since <linux/...> comes with no libc. */
#ifndef QPOD_NETLINK_H
#define QPOD_NETLINK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A socket of the network namespace that we are in; it stays in it. With events, told of every change of a link too.
 * -errno on failure, as of all below. */
int netlink_open(int events);

/* A pair of interfaces, each made in the network namespace of that process (0: where the socket is). */
int netlink_add_pair(int fd, const char *name, pid_t where, const char *peer, pid_t peer_where, unsigned mtu);
int netlink_add_bridge(int fd, const char *name, unsigned mtu);
/* Joins the interface to a bridge. */
int netlink_join(int fd, unsigned index, unsigned bridge);
int netlink_set_up(int fd, unsigned index);
/* 4 or 16 bytes. Without duplicate detection, which would make the address wait for a second. */
int netlink_add_address(int fd, unsigned index, const void *address, size_t size, unsigned prefix);
/* A gateway of no bytes is none; an interface of 0 is the kernel's choice; type is RTN_*. */
int netlink_add_route(int fd, const void *to, unsigned prefix, const void *gateway, size_t size, unsigned index, unsigned type, unsigned metric);
/* 1 when packets can pass: it and its other end are up, and the kernel has taken note of that. */
int netlink_is_running(int fd, unsigned index);

#endif
