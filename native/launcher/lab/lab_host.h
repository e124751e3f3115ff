/* One host of a lab: its namespaces, and the process that holds them. */
#ifndef QPOD_LAB_HOST_H
#define QPOD_LAB_HOST_H

#include <stddef.h>

#include "../../format/operation.h"

/* Becomes the host: does what follows offset up to the next host or link. A status record goes to told when it can be
 * linked, and one when it is ready; go is closed when links are made. */
_Noreturn void become_host(const struct operation_list *list, size_t offset, const struct operation *host, int told, int go);

#endif
