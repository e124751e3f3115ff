/* The runtime folder: where the policy and the entries are, and how to have TypeScript make them again. */
#ifndef QPOD_RUNTIME_H
#define QPOD_RUNTIME_H

#include "../../format/policy.h"
#include <time.h>

#include "files.h"

#define POLICY_MAX (256u << 20)

struct runtime {
	char base[PATH_SIZE];
	struct policy policy;
	int has_policy;
	int in_haste; /* answer from the policy as it is: a prompt does not wait for Node */
	struct timespec written; /* when the policy was */
};

/* Fills in where this user's runtime folder is, as src/base/paths.ts does: a private XDG_RUNTIME_DIR of their own, else
 * a folder by uid. Whether it can be trusted is for runtime_open to see. */
void runtime_find(struct runtime *runtime);

/* Reads <base>/policy. 0, or -errno (-EPERM: somebody else could have written it, -EPROTO: not a policy of this version). */
int runtime_open(struct runtime *runtime);

/* Runs the qpod command (argv without the program, at most 8) with stdin and stdout kept from it; its exit status. */
int run_qpod(struct runtime *runtime, char *const argv[]);

/* Fills argv with the words that start a program of ours in Node: Node and the file ("/main.js"). Room for 2 and NULL.
 * 0, or -1 after reporting. */
int find_qpod(struct runtime *runtime, const char *file, char *argv[3]);

/* This very program's path. */
const char *own_path(void);

#endif
