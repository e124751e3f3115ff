/* The decision of DESIGN's "What goes where", as a pure function of the policy. The preload library and
 * the launcher (redirect, shims, `qpod explain`) call the same one, so they cannot disagree. */
#ifndef QPOD_DECIDE_H
#define QPOD_DECIDE_H

#include "policy.h"

enum rule {
	RULE_OUTSIDE = 1,       /* 1: program and directory are outside every bound work tree */
	RULE_NO_BRANCH = 2,     /* 2: no pattern matches the branch */
	RULE_HOST = 3,          /* 3: the environment's host rules */
	RULE_IN_REPOSITORY = 4, /* 4: the program lies in the work tree */
	RULE_COMMAND = 5,       /* 5: the name is one of the environment's commands */
	RULE_ELSE = 6,          /* 6: else the host */
	RULE_OWN = 7,           /* qpod itself: always the host */
};

enum place {
	PLACE_HOST = 0,
	PLACE_POD = 1,
	PLACE_BRANCH = 2,       /* the answer depends on the branch, which was not given */
	PLACE_FAULT = 3,        /* the policy is damaged: neither the host nor a pod can be trusted; no policy_rule is given */
};

struct question {
	const char *program;    /* physical path of the executable (last component may be a symlink), or NULL: only a name */
	const char *target;     /* program with all symlinks resolved; may equal program, may be NULL */
	const char *name;       /* last component of what was asked for */
	const char *directory;  /* physical working directory, or NULL when unknown */
	const char *branch;     /* NULL: not known yet; "" for a detached HEAD, which only empty patterns match */
};

struct decision {
	enum place place;
	enum rule rule;
	int64_t tree;           /* index, or -1 */
	int64_t policy_rule;    /* index of the branch rule; -1 when there is none, or several would agree */
	const char *matched;    /* the name, glob or path that decided, or NULL */
};

void decide(const struct policy *policy, const struct question *question, struct decision *decision);

/* Globs: `*` within a path component, `**` across, `?` (no slash), nothing else is special.
 * A whole component of `**` may stand for none at all. */
int glob_matches(const char *pattern, const char *text);

/* Does environment number index name this command? 0 no, 1 yes, -1 the policy is damaged. Strips versions: gcc-4.8, clang++-14, python2.7 -> gcc, clang++, python. */
int names_command(const struct policy *policy, uint32_t index, const char *name, const char **matched);

#endif
