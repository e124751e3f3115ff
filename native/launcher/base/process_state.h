/* What a process inherits besides its descriptors and variables: taken from one process, given to another. */
#ifndef QPOD_PROCESS_STATE_H
#define QPOD_PROCESS_STATE_H

#include <stdint.h>

#define STATE_LIMITS 16
#define STATE_PROCESSORS 1024

struct process_state {
	uint32_t mask;  /* umask */
	int32_t nice;
	uint64_t blocked; /* signals: bit n - 1 for signal n */
	uint64_t ignored;
	struct {
		uint64_t soft, hard;
	} limit[STATE_LIMITS];
	uint8_t processors[STATE_PROCESSORS / 8]; /* all zero: not known */
};

/* This process's. */
void take_state(struct process_state *state);

/* Makes it this process's, as far as the kernel permits: a hard limit or a nice value may be out of reach. */
void give_state(const struct process_state *state);

#endif
