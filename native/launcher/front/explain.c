#define _GNU_SOURCE
#include "explain.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../format/operation.h"
#include "../../format/status.h"
#include "../base/environ.h"
#include "../base/program.h"
#include "../base/report.h"
#include "../enter/enter.h"
#include "../pod/entry.h"
#include "../road/question.h"
#include "../road/road.h"

static void tell(int fd, const char *key, const char *value, int64_t number)
{
	if (value)
		status_write(fd, STATUS_FACT, number, (const char *[]){ key, value, NULL });
}

/* A pod that is not up has no entry; what its entry will say is in its start file, if it has one. */
static int open_future_entry(const struct runtime *runtime, const char *pod, struct operation_list *entry)
{
	char path[PATH_SIZE];
	struct bytes bytes;
	struct operation_list list;
	struct operation op;
	uint32_t size;

	if (join_path(path, runtime->base, "/pods/", pod, ".start", NULL) < 0 || read_own_file(path, ENTRY_MAX, &bytes) != 0
	    || operation_open(&list, bytes.at, bytes.size) != OPERATION_FINE || !find_operation(&list, OP_ENTRY, &op))
		return 0;
	const char *blob = operation_string(&op, 1, &size);
	return blob && operation_open(entry, blob, size) == OPERATION_FINE;
}

static void tell_entry(int fd, const struct operation_list *entry, int serves, const struct asked *asked, char **envp)
{
	char mapped[PATH_SIZE], number[32];
	struct operation op;
	char **variables = build_environment(entry, envp);

	tell(fd, "directory-inside", map_path(entry, asked->question.directory, mapped), 0);
	if (serves && find_operation(entry, OP_SERVE, &op))
		tell(fd, "served", operation_string(&op, 0, NULL), 0);
	else if (find_operation(entry, OP_JOIN, &op))
		tell(fd, "joins", op.number[0] & CLONE_NEWUSER ? "user and mount namespaces" : "mount namespace", (int64_t)op.number[0]);
	if (find_operation(entry, OP_IDENTITY, &op)) {
		snprintf(number, sizeof number, "%llu:%llu", (unsigned long long)op.number[0], (unsigned long long)op.number[1]);
		tell(fd, "identity", number, 0);
	}
	for (; variables && *variables; variables++)
		tell(fd, "variable", *variables, 0);
}

static void tell_pod(struct runtime *runtime, int fd, const struct asked *asked, char **envp)
{
	struct policy_rule rule;
	struct policy_environment environment;
	struct operation_list future;
	struct entry entry;
	const char *pod;

	if (!policy_rule(&runtime->policy, (uint32_t)asked->decision.policy_rule, &rule))
		return;
	if (policy_environment(&runtime->policy, rule.environment, &environment))
		tell(fd, "environment", policy_string(&runtime->policy, environment.name), 0);
	tell(fd, "pattern", policy_string(&runtime->policy, rule.branch), 0);
	pod = policy_string(&runtime->policy, rule.pod);
	tell(fd, "pod", pod, 0);
	if (asked->decision.place != PLACE_POD || !pod)
		return;
	uint64_t definition = rule.definition[0] | (uint64_t)rule.definition[1] << 32;
	switch (entry_open(runtime, pod, definition, &entry)) {
	case ENTRY_ALIVE:
		tell(fd, "entry", entry.serves ? "serving" : "running", entry.pid);
		tell_entry(fd, &entry.list, entry.serves != 0, asked, envp);
		entry_close(&entry);
		break;
	case ENTRY_CHANGED:
		tell(fd, "entry", "changed", 0);
		break;
	case ENTRY_FOREIGN:
		tell(fd, "entry", "foreign", 0);
		break;
	case ENTRY_GONE:
		if (open_future_entry(runtime, pod, &future)) {
			tell(fd, "entry", "started by the launcher", 0);
			tell_entry(fd, &future, 0, asked, envp);
		} else {
			tell(fd, "entry", "started by qpod", 0);
		}
		break;
	}
}

int explain(struct runtime *runtime, int fd, const char *command, char **envp)
{
	static const char *const places[] = { "host", "pod", "unknown", "unknown" };
	static char found[PATH_SIZE];
	static struct asked asked;
	struct policy_tree tree;
	const char *given = strchr(command, '/') ? command : NULL;

	if (!given && search_past_shims(runtime, find_variable(envp, "PATH"), command, found) == 0)
		given = found;
	if (have_policy(runtime) < 0)
		return EXIT_QPOD;
	ask(runtime, given, base_name(command), &asked);
	tell(fd, "place", places[asked.decision.place], asked.decision.place);
	tell(fd, "rule", "", asked.decision.rule);
	tell(fd, "matched", asked.decision.matched, 0);
	tell(fd, "host-program", given, 0);
	tell(fd, "directory", asked.question.directory, 0);
	if (asked.decision.tree >= 0 && policy_tree(&runtime->policy, (uint32_t)asked.decision.tree, &tree)) {
		tell(fd, "worktree", policy_string(&runtime->policy, tree.root), 0);
		tell(fd, "branch", asked.question.branch, 0);
		if (asked.decision.policy_rule >= 0)
			tell_pod(runtime, fd, &asked, envp);
	}
	return 0;
}
