/* qpod-launch: one static program for all that must not wait for Node. What it does depends on the path it was
 * started by (AT_EXECFN), so that argv and the environment stay the caller's:
 *
 *   <runtime>/launch        by the preload library, with QPOD_EXEC: a redirected command   -> road.c
 *   <runtime>/shims/NAME    by name, for callers that preload cannot reach                 -> road.c
 *   .../qpod, qpod-shell    the user's commands, in front of Node                          -> front.c
 *   qpod-launch SUBCOMMAND  by TypeScript, and as the first process of a container (hold, attend, empty) */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/environ.h"
#include "base/files.h"
#include "base/first_process.h"
#include "base/identity.h"
#include "base/report.h"
#include "enter/become.h"
#include "enter/enter.h"
#include "front/explain.h"
#include "front/front.h"
#include "lab/lab.h"
#include "lab/lab_enter.h"
#include "pod/start.h"
#include "process/kill_tree.h"
#include "process/resident.h"
#include "process/spawn.h"
#include "road/question.h"
#include "road/road.h"
#include "scratch/copy_tree.h"
#include "scratch/marks.h"
#include "scratch/remove.h"
#include "serve/attend.h"

#define STATUS_FD 3

extern char **environ;
char **launcher_argv;

/* The folder of the path we were started by, made absolute. */
static void find_folder(const char *started_by, char out[PATH_SIZE])
{
	char parent[PATH_SIZE];

	parent_of(parent, started_by);
	if (*parent == '/' || !realpath(parent, out))
		snprintf(out, PATH_SIZE, "%s", parent);
}

static int unshare_and_run(char **argv)
{
	const char *uid_map = argv[0], *gid_map = uid_map ? argv[1] : NULL;

	if (!gid_map || !argv[2] || strcmp(argv[2], "--") != 0 || !argv[3])
		return report_failure("unshare", "UIDMAP GIDMAP -- COMMAND", EINVAL, NULL), EXIT_QPOD;
	/* One triple is written without help; more need the subordinate ids. */
	int triples = 0;
	for (const char *at = uid_map; *at; at++)
		triples += *at == ' ';
	if (make_user_namespace(uid_map, gid_map, triples > 2) < 0)
		return EXIT_QPOD;
	if (unshare(CLONE_NEWNS) < 0)
		return report_failure("make a mount namespace", NULL, errno, remedy_for(errno)), EXIT_QPOD;
	execvp(argv[3], argv + 3);
	report_text(NULL, "cannot run %s: %s", argv[3], strerror(errno));
	return errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

/* The environment that applies here, for prompt themes; nothing when none does. */
static int print_environment(struct runtime *runtime)
{
	static struct asked asked;
	struct policy_rule rule;
	struct policy_environment environment;
	const char *name;

	if (runtime_open(runtime) < 0)
		return 1;
	runtime->in_haste = 1;
	ask(runtime, NULL, "", &asked);
	if (asked.decision.policy_rule < 0 || !policy_rule(&runtime->policy, (uint32_t)asked.decision.policy_rule, &rule)
	    || !policy_environment(&runtime->policy, rule.environment, &environment)
	    || !(name = policy_string(&runtime->policy, environment.name)))
		return 1;
	puts(name);
	return 0;
}

/* The first process of a container: with UID GID, the container's root holds the user's identity too. */
static int hold_as(char **ids)
{
	if (ids[0] && ids[1] && make_user_identity((uid_t)strtoul(ids[0], NULL, 10), (gid_t)strtoul(ids[1], NULL, 10)) < 0)
		return EXIT_QPOD;
	hold();
}

/* Of a process that is not our child: it may have ended, and its number may be another's. */
static int kill_known_tree(pid_t pid, uint64_t start_time, int signal, int grace)
{
	if (pid <= 0 || read_start_time(pid) != start_time)
		return 1;
	if (grace >= 0)
		end_tree(pid, signal, grace);
	else
		kill_tree(pid, signal);
	return 0;
}

static int run_subcommand(struct runtime *runtime, int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (strcmp(name, "hold") == 0)
		return hold_as(argv + 2);
	if (strcmp(name, "attend") == 0)
		return attend(argv + 2);
	if (strcmp(name, "empty") == 0 && argc == 3)
		return empty_folder(argv[2]);
	if (strcmp(name, "unshare") == 0)
		return unshare_and_run(argv + 2);
	if (strcmp(name, "become") == 0)
		return become(runtime, argc - 2, argv + 2, environ);
	if (strcmp(name, "marks") == 0 && argc == 4)
		return list_marks(argv[2], argv[3]);
	if (strcmp(name, "copy") == 0 && argc > 2)
		return copy_trees(argv[2], argv + 3);
	if (strcmp(name, "lab") == 0)
		return run_lab();
	if (strcmp(name, "lab-enter") == 0 || strcmp(name, "lab-shell") == 0)
		return enter_lab(argv + 2, name[4] == 's');
	if (strcmp(name, "spawn") == 0)
		return spawn_one();
	if (strcmp(name, "spawn-many") == 0)
		return stay_resident();
	if (strcmp(name, "kill-tree") == 0 && argc == 6)
		return kill_known_tree((pid_t)atoi(argv[2]), strtoull(argv[3], NULL, 10), atoi(argv[4]), atoi(argv[5]));
	if (strcmp(name, "environment") == 0)
		return print_environment(runtime);
	if (argc > 3)
		snprintf(runtime->base, sizeof runtime->base, "%s", argv[2]);
	if (strcmp(name, "explain") == 0 && argc == 4)
		return explain(runtime, STATUS_FD, argv[3], environ);
	if (strcmp(name, "start") == 0 && argc == 5) {
		runtime_open(runtime);
		return start_pod(runtime, argv[3], strtoull(argv[4], NULL, 10)) < 0 ? EXIT_QPOD : 0;
	}
	report_text("This program is started by qpod; the command for people is `qpod`.", "qpod-launch: unknown subcommand '%s'", name);
	return EXIT_QPOD;
}

int main(int argc, char **argv)
{
	static struct runtime runtime;
	static char *no_argv[] = { NULL };
	const char *started_by = (const char *)getauxval(AT_EXECFN), *name, *given;

	/* argv may be empty: execve allows it. */
	launcher_argv = argc > 0 ? argv : no_argv;
	if (!started_by)
		started_by = argc > 0 ? argv[0] : "qpod-launch";
	name = base_name(started_by);
	given = find_variable(environ, "QPOD_EXEC");
	if (given && strcmp(name, "launch") == 0) {
		find_folder(started_by, runtime.base);
		return take_road(&runtime, given, base_name(given), argv, environ);
	}
	if (strcmp(name, "qpod") == 0 || strcmp(name, "qpod-shell") == 0)
		return run_front(name, argc, argv, environ);
	find_folder(started_by, runtime.base);
	if (strcmp(base_name(runtime.base), "shims") == 0) {
		parent_of(runtime.base, strdup(runtime.base));
		return take_road(&runtime, NULL, name, argv, environ);
	}
	return run_subcommand(&runtime, argc, argv);
}
