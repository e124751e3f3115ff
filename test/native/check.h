/* A test is a program: it checks, says what does not hold, and ends with 1 if anything did not. */
#ifndef QPOD_CHECK_H
#define QPOD_CHECK_H

#include <stdio.h>
#include <string.h>

static int checks, failures;

#define CHECK(what, condition) do { \
	checks++; \
	if (!(condition)) { \
		failures++; \
		printf("%s:%d: not so: %s (%s)\n", __FILE__, __LINE__, what, #condition); \
	} \
} while (0)

static int finish(const char *name)
{
	printf("%s: %d checks, %d failures\n", name, checks, failures);
	return failures > 0;
}

#endif
