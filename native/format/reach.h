/* Programs that load no library, so that a session does not reach what they start. */
#ifndef QPOD_REACH_H
#define QPOD_REACH_H

#include <stddef.h>

/* What of a file's start is looked at. */
#define REACH_ROOM 2048

enum reach {
	REACH_YES,      /* it names a dynamic linker, or is nothing that the kernel runs */
	REACH_NO,       /* a static program */
	REACH_SCRIPT,   /* its interpreter decides */
};

/* Tells by the start of a file. On REACH_SCRIPT *interpreter is a text in `start`, which is written to. */
enum reach find_reach(unsigned char *start, size_t size, const char **interpreter);

#endif
