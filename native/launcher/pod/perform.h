/* The operations that make namespaces and what is mounted in them: of a pod, or of a scratch. */
#ifndef QPOD_PERFORM_H
#define QPOD_PERFORM_H

#include "../../format/operation.h"

/* Carries out one operation in this process. 0, or -1 after reporting. */
int perform_operation(const struct operation *op);

/* Whoever joins our mount namespace must find what we see: not so in a chroot. 0, or -1 after reporting. */
int check_root(void);

#endif
