#define _GNU_SOURCE
#include "road.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../format/reach.h"
#include "../../format/session.h"
#include "../base/environ.h"
#include "../base/program.h"
#include "../base/report.h"
#include "../enter/enter.h"
#include "question.h"

int have_policy(struct runtime *runtime)
{
	char path[PATH_SIZE];
	char *argv[] = { "refresh", NULL };
	int error = -runtime_open(runtime);

	if (error == 0)
		return 0;
	join_path(path, runtime->base, "/policy", NULL);
	if (error == EPERM)
		return report_failure("trust the policy", path, EPERM, "It is not a file of yours that only you can write: remove it, it is made again.");
	if (error == EMFILE || error == ENFILE || error == ENOMEM)
		return report_failure("read the policy", path, error, remedy_for(error));
	if (run_qpod(runtime, argv) != 0)
		return report_failure("make the policy again:", path, error, "`qpod doctor` says more; `exit` leaves the session.");
	error = -runtime_open(runtime);
	return error ? report_failure("read the policy", path, error, "`qpod doctor` says more.") : 0;
}

/* gcc, gdb and python look for their own parts where PATH has the name that they were called by, which is a shim: they
 * are given their path. make is not: it would call itself by the path, past the shims, in other folders too. */
static int calls_itself(const char *name)
{
	return strcmp(name, "make") == 0 || strcmp(name, "gmake") == 0;
}

/* A static program, or the script of one. */
static int loads_no_library(const char *path)
{
	unsigned char start[REACH_ROOM];
	enum reach reach = REACH_SCRIPT;

	for (int depth = 0; depth < 2 && reach == REACH_SCRIPT; depth++) {
		int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		ssize_t size = fd < 0 ? 0 : read(fd, start, sizeof start);
		if (fd >= 0)
			close(fd);
		reach = size > 0 ? find_reach(start, (size_t)size, &path) : REACH_YES;
	}
	return reach == REACH_NO;
}

/* What such a program starts by name has to find the shims first. NULL when there is no memory. */
static char **prefer_shims(const struct runtime *runtime, char **envp)
{
	static const char name[] = "PATH=", folder[] = "/shims";
	const char *search = find_variable(envp, "PATH");
	size_t length = strlen(runtime->base);
	char *assignment;

	if (!search || (strncmp(search, runtime->base, length) == 0 && strncmp(search + length, folder, sizeof folder - 1) == 0))
		return envp;
	assignment = take_memory(sizeof name + length + sizeof folder + strlen(search) + 1);
	if (!assignment)
		return NULL;
	sprintf(assignment, "%s%s%s:%s", name, runtime->base, folder, search);
	return with_variable(envp, assignment);
}

static int run_on_host(const struct runtime *runtime, const char *given, const char *name, int is_own, char **argv, char **envp)
{
	char found[PATH_SIZE], preload[PATH_SIZE];

	if (given) {
		/* `env -i` drops it, and on the way to us the library does not put it back. */
		if (!find_variable(envp, "LD_PRELOAD")
		    && join_path(preload, "LD_PRELOAD=", runtime->base, "/lib-native/" SESSION_LIBRARY, NULL) == 0)
			envp = with_variable(envp, preload);
		if (envp && !is_own && loads_no_library(given))
			envp = prefer_shims(runtime, envp);
		if (!envp)
			return report_failure("build the environment", NULL, ENOMEM, NULL), EXIT_QPOD;
		return exec_program("", given, argv, envp);
	}
	if (search_past_shims(runtime, find_variable(envp, "PATH"), name, found) == 0) {
		if (argv[0] && !calls_itself(name) && strcmp(argv[0], name) == 0)
			argv[0] = found;
		return exec_program("", found, argv, envp);
	}
	report_text(NULL, "%s: command not found", name);
	return EXIT_NOT_FOUND;
}

/* Without a policy nobody can say whether this belongs in an environment. In a git repository it may. */
static int run_without_policy(const struct runtime *runtime, const char *given, const char *name, char **argv, char **envp)
{
	char root[PATH_SIZE], directory[PATH_SIZE], program[PATH_SIZE];

	if ((getcwd(directory, sizeof directory) && find_repository(directory, root) == 0)
	    || (given && realpath(given, program) && find_repository(program, root) == 0)) {
		report_text(NULL, "%s was not run: without a policy it may belong in the environment of %s; elsewhere commands run", name, root);
		return EXIT_QPOD;
	}
	return run_on_host(runtime, given, name, 1, argv, envp);
}

static int run_in_pod(struct runtime *runtime, const struct asked *asked, char **argv, char **envp)
{
	struct policy_rule rule;
	struct errand errand = { .argv = argv, .envp = envp, .directory = asked->question.directory, .removed = asked->removed > 0 };

	if (!policy_rule(&runtime->policy, (uint32_t)asked->decision.policy_rule, &rule)
	    || !(errand.pod = policy_string(&runtime->policy, rule.pod)))
		return report_failure("read the policy", NULL, EPROTO, "Remove it, it is made again."), EXIT_QPOD;
	errand.definition = rule.definition[0] | (uint64_t)rule.definition[1] << 32;
	errand.name = asked->question.name;
	if (asked->decision.rule == RULE_IN_REPOSITORY) {
		/* A link from outside the repository does not exist inside: its target does. */
		struct policy_tree tree;
		const char *root = policy_tree(&runtime->policy, (uint32_t)asked->decision.tree, &tree) ? policy_string(&runtime->policy, tree.root) : NULL;
		errand.path = asked->given;
		if (root && asked->question.program && !path_is_below(asked->question.program, root))
			errand.path = asked->question.target;
		else if (root && *asked->given == '/' && !path_is_below(asked->given, root))
			errand.path = asked->question.program;
	} else {
		errand.fallback = asked->given;
	}
	return enter_pod(runtime, &errand);
}

/* A folder that was removed is one of its work tree's still, unless that is gone as well: then it may have been in a
 * repository that is not known any more. */
static int is_lost(const struct runtime *runtime, const struct asked *asked)
{
	struct policy_tree tree;
	const char *matched, *root;

	if (asked->removed == 0)
		return 0;
	if (asked->decision.rule == RULE_OUTSIDE)
		return runtime->policy.header.tree_count > 0 && names_command(&runtime->policy, 0, asked->question.name, &matched) > 0;
	root = asked->decision.tree >= 0 && policy_tree(&runtime->policy, (uint32_t)asked->decision.tree, &tree)
		? policy_string(&runtime->policy, tree.root) : NULL;
	return root && access(root, F_OK) < 0;
}

int take_road(struct runtime *runtime, const char *given, const char *name, char **argv, char **envp)
{
	static struct asked asked;

	drop_variable(envp, "QPOD_EXEC");
	if (have_policy(runtime) < 0)
		return run_without_policy(runtime, given, name, argv, envp);
	for (int tries = 0; tries < 3; tries++) {
		int result;
		ask(runtime, given, name, &asked);
		if (is_lost(runtime, &asked)) {
			report_text("Change to a folder that exists.", "cannot tell where %s belongs: the working directory does not exist any more", name);
			return EXIT_QPOD;
		}
		if (asked.decision.place == PLACE_HOST)
			return run_on_host(runtime, given, name, asked.decision.rule == RULE_OWN, argv, envp);
		if (asked.decision.place == PLACE_BRANCH) {
			report_text("Its HEAD cannot be read: check the repository with `git status`.",
				"cannot tell which environment %s belongs to", name);
			return EXIT_QPOD;
		}
		result = run_in_pod(runtime, &asked, argv, envp);
		if (result != ENTER_AGAIN)
			return result;
		if (have_policy(runtime) < 0)
			return EXIT_QPOD;
	}
	report_text("`qpod doctor` and `qpod up` may know why.", "%s was not run: its environment does not settle", name);
	return EXIT_QPOD;
}
