/* Interfaces, addresses and routes of the network namespace that we are in. Each returns 0, or -1 after reporting. */
#ifndef QPOD_LAB_INTERFACE_H
#define QPOD_LAB_INTERFACE_H

#include "../../format/operation.h"

/* Waits until packets can pass: the kernel says when. */
int await_running(const char *const *names, unsigned count);

/* OP_LAB_UP, OP_LAB_ADDRESS and OP_LAB_ROUTE of the host of that name, over a socket of netlink_open. */
int set_up_interfaces(int network, const struct operation *op);
int add_address(int network, const struct operation *op, const char *host);
int add_route(int network, const struct operation *op, const char *host);

const char *remedy_for_network(int error);

#endif
