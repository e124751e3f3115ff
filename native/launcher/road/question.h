/* What is being run, from where, on which branch: the question that decide() answers. */
#ifndef QPOD_QUESTION_H
#define QPOD_QUESTION_H

#include "../../format/decide.h"
#include "../base/runtime.h"

struct asked {
	struct question question;
	struct decision decision;
	char program[PATH_SIZE], target[PATH_SIZE], directory[PATH_SIZE], branch[PATH_SIZE];
	const char *given;      /* as the caller named it, NULL for a bare name */
	int removed;            /* what find_directory said */
};

/* Fills in what can be found out about given (a path, or NULL) and name, and decides. The branch is read when it
 * matters. A work tree that the policy does not know yet is looked for when all is outside, and made known. */
void ask(struct runtime *runtime, const char *given, const char *name, struct asked *asked);

/* The branch that HEAD of this git dir is on: 0, 1 for a detached HEAD (branch is ""), -errno. */
int read_branch(const char *git_dir, char branch[PATH_SIZE]);

/* The folder above (or at) path that holds `.git`; 0, or -1 when there is none. */
int find_repository(const char *path, char root[PATH_SIZE]);

#endif
