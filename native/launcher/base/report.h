/* Failures: said once, to a person on stderr and, where TypeScript listens, as a status record. */
#ifndef QPOD_REPORT_H
#define QPOD_REPORT_H

#include <stdint.h>

#define EXIT_QPOD 125
#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND 127

/* Failures become status records on this descriptor; -1 (the default) means text on stderr. */
extern int report_fd;

/* What failed, on what, errno (0: none), and a remedy or NULL. Always returns -1, so a caller can pass it on. */
int report_failure(const char *operation, const char *argument, int error, const char *remedy);

/* `qpod: TEXT`, formatted, with a remedy on a line of its own if not NULL. */
void report_text(const char *remedy, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The remedy for an errno of a namespace or mount call, or NULL. */
const char *remedy_for(int error);

#endif
