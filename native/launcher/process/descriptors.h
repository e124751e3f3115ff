/* The descriptors of a child: made, put at their numbers, all others closed. */
#ifndef QPOD_DESCRIPTORS_H
#define QPOD_DESCRIPTORS_H

#include "child.h"

/* Opens what is not open yet. 0, or -1 after reporting. */
int make_descriptor(struct child *child, const struct operation *op);

/* Moves all to their numbers, keeps our own out of the way, and closes the rest. 0, or -1 after reporting. */
int place_descriptors(struct child *child);

#endif
