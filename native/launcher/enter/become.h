/* The last step of a command under a tracer: the tracer starts us, and we become the command where it belongs. */
#ifndef QPOD_BECOME_H
#define QPOD_BECOME_H

#include "../base/runtime.h"

/* argv: RUNTIME POD DEFINITION FLAGS STDERR CLOSE COMMAND...
 *   POD         "" for the host
 *   FLAGS       of letters: r stay root of the pod, w write a byte to CLOSE and wait for SIGUSR1 before the command begins,
 *               d die when who started us does
 *   STDERR      descriptor that becomes the command's stderr, -1 to leave it
 *   CLOSE       descriptor that the command does not get, -1 for none
 * Returns only to give the exit status of a failure, reported. */
int become(struct runtime *runtime, int argc, char **argv, char **envp);

#endif
