/* Filters of system calls: <linux/filter.h> and <linux/seccomp.h>, which come with no libc. */
#ifndef QPOD_FILTER_H
#define QPOD_FILTER_H

#include <stdint.h>

struct instruction {
	uint16_t code;
	uint8_t yes, no;
	uint32_t value;
};

struct program {
	uint16_t count;
	struct instruction *code;
};

#define LOAD(offset) { 0x20, 0, 0, offset }
#define IF_EQUAL(value, yes, no) { 0x15, yes, no, value }
#define RETURN(what) { 0x06, 0, 0, what }
#define ALLOW 0x7fff0000
/* The call is not made. An errno of 0: its result says that it was. */
#define FAIL(error) (0x00050000 | (error))
#define CALL 0
#define ARCHITECTURE 4
#define FILTER_MODE 2

#endif
