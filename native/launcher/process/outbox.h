/* What the launcher that stays has to say, gathered, so that a round of events is one system call. */
#ifndef QPOD_OUTBOX_H
#define QPOD_OUTBOX_H

#include "../../format/status.h"
#include "child.h"

void outbox_put(const void *bytes, size_t size);
void outbox_record(enum status_kind kind, uint32_t child, int64_t number, const void *bytes, uint32_t size);
void outbox_failure(uint32_t child, const char *what, int error);
void outbox_pipes(const struct child *child);

/* 0, or -1: nobody listens. */
int outbox_send(int fd);

#endif
