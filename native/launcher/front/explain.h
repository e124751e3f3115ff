/* `qpod explain`: the same question and decision as the road's, told instead of acted on. */
#ifndef QPOD_EXPLAIN_H
#define QPOD_EXPLAIN_H

#include "../base/runtime.h"

/* Says as status records on fd what would happen to the command (a name or a path). Exit status. */
int explain(struct runtime *runtime, int fd, const char *command, char **envp);

#endif
