/* The hosts of a lab and what connects them. */
#ifndef QPOD_LAB_HOSTS_H
#define QPOD_LAB_HOSTS_H

#include "../../format/operation.h"

/* Makes all hosts and links of the list, as the lab's first process. Each host is a STATUS_FACT on report_fd: its
 * process, its number, and when that process started. 0, or -1 after reporting. */
int make_hosts(const struct operation_list *list);

#endif
