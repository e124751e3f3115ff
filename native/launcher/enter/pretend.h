/* Installing packages where there is one id alone. */
#ifndef QPOD_PRETEND_H
#define QPOD_PRETEND_H

/* In a user namespace with one id, from here on every process started by this one is told that giving files to other
 * owners, becoming another user and making device nodes worked, though nothing was done: all files then belong to the
 * one id. Elsewhere, and on machines whose system calls are not known here, nothing happens. 0, or -1 after reporting. */
int pretend_other_ids(void);

#endif
