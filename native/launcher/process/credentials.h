/* Who a child is: user, groups, capabilities. */
#ifndef QPOD_CREDENTIALS_H
#define QPOD_CREDENTIALS_H

#include "../../format/operation.h"

/* OP_GROUPS, OP_USER or OP_CAPABILITIES. 0, or -1 after reporting. */
int change_credentials(const struct operation *op);

#endif
