/* The variables of a command in a pod: passed by name, or set; nothing else gets in. */
#ifndef QPOD_ENVIRON_H
#define QPOD_ENVIRON_H

#include "../../format/operation.h"

/* Builds envp from the caller's one and the entry's OP_PASS, OP_PASS_IF, OP_SET and OP_SEARCH. NULL: no memory. */
char **build_environment(const struct operation_list *entry, char **caller);

/* The value of NAME in envp, or NULL. */
const char *find_variable(char **envp, const char *name);

/* Removes NAME in place. */
void drop_variable(char **envp, const char *name);

/* Sets NAME=VALUE (given as one string) in a copy with room for one more; NULL: no memory. */
char **with_variable(char **envp, const char *assignment);

/* Takes our entry out of LD_PRELOAD in place (the whole variable when nothing is left). */
void drop_preload(char **envp);

#endif
