#define _GNU_SOURCE
#include "enter.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/environ.h"
#include "../base/first_process.h"
#include "../base/identity.h"
#include "../base/program.h"
#include "../base/report.h"
#include "../pod/start.h"
#include "directory.h"
#include "pretend.h"
#include "relay.h"

int find_operation(const struct operation_list *list, uint16_t code, struct operation *op)
{
	size_t offset = 0;

	while (operation_next(list, &offset, op))
		if (op->code == code)
			return 1;
	return 0;
}

const char *map_path(const struct operation_list *entry, const char *path, char out[PATH_SIZE])
{
	struct operation op;
	size_t offset = 0;

	if (!path || *path != '/')
		return path;
	while (operation_next(entry, &offset, &op)) {
		const char *from = op.code == OP_PATH_MAP ? operation_string(&op, 0, NULL) : NULL;
		const char *to = operation_string(&op, 1, NULL);
		if (from && to && path_is_below(path, from) && join_path(out, to, path + strlen(from), NULL) == 0)
			return out;
	}
	return path;
}

/* Alive and current, after starting it if need be. 0, -1, or ENTER_AGAIN. */
static int have_entry(struct runtime *runtime, const struct errand *errand, struct entry *entry)
{
	int started = 0;

	/* A pod can end between being started and being entered; once is bad luck, twice is a fault. */
	for (int tries = 0; tries < 3; tries++) {
		enum entry_state state = entry_open(runtime, errand->pod, errand->definition, entry);
		if (state == ENTRY_ALIVE)
			return 0;
		if (state == ENTRY_FOREIGN)
			return -1;
		if (started > 0)
			return ENTER_AGAIN;
		started = start_pod(runtime, errand->pod, errand->definition);
		if (started < 0)
			return -1;
	}
	return report_failure("keep the pod alive:", errand->pod, 0, "It ends as soon as it is started; `qpod doctor` may know why.");
}

/* 0, -1 after reporting, or -ESRCH: its first process ended since it was looked at. */
static int join(const struct entry *entry, int stay_root)
{
	struct operation op;
	int error;

	if (!find_operation(&entry->list, OP_JOIN, &op))
		return 0;
	error = -join_namespaces(entry->pin, entry->pid, (int)op.number[0], stay_root);
	/* ESRCH: it has let go of its namespaces, but may still look alive for a moment. */
	if (error && has_ended(entry->pin, entry->pid, error == ESRCH ? 5000 : 0))
		return -ESRCH;
	return error ? report_failure("join the pod's namespaces", NULL, error, remedy_for(error)) : 0;
}

/* For a pod that lends its files root is served, and everybody where it cannot even do that. */
static const char *find_server(const struct entry *entry, int stay_root)
{
	struct operation op;

	return (stay_root || entry->serves) && find_operation(&entry->list, OP_SERVE, &op) ? operation_string(&op, 0, NULL) : NULL;
}

/* The errand as it is in the pod; the texts are in the two buffers. */
static struct errand map_errand(const struct entry *entry, const struct errand *errand, char directory[PATH_SIZE], char path[PATH_SIZE])
{
	struct errand inside = *errand;

	inside.directory = errand->removed ? NULL : map_path(&entry->list, errand->directory, directory);
	inside.path = map_path(&entry->list, errand->path, path);
	return inside;
}

/* Old programs close every descriptor up to the limit, and that of a new system is a thousand million. */
static int lower_limits(const struct entry *entry)
{
	struct operation op;
	size_t offset = 0;

	while (operation_next(&entry->list, &offset, &op)) {
		struct rlimit limit;
		if (op.code != OP_LIMIT)
			continue;
		if (getrlimit((int)op.number[0], &limit) < 0)
			return report_failure("read a resource limit", NULL, errno, NULL);
		if (limit.rlim_max > op.number[1])
			limit.rlim_max = op.number[1];
		limit.rlim_cur = limit.rlim_max;
		if (setrlimit((int)op.number[0], &limit) < 0)
			return report_failure("set a resource limit", NULL, errno, "Change `limits:` of the environment.");
	}
	return 0;
}

/* The exit status, or -ESRCH when the pod ended since it was looked at. */
static int have_served(const struct entry *entry, const struct errand *errand, const char *server)
{
	char directory[PATH_SIZE], path[PATH_SIZE];
	struct errand inside = map_errand(entry, errand, directory, path);
	int result;

	if (errand->before_command) {
		report_text("The embedded engine and rootless podman allow it.",
			"%s cannot be traced or debugged: a helper in the pod would run it, as this user may not enter", errand->name);
		return EXIT_QPOD;
	}
	inside.envp = build_environment(&entry->list, errand->envp);
	if (!inside.envp)
		return report_failure("build the environment", NULL, ENOMEM, NULL), EXIT_QPOD;
	if (lower_limits(entry) < 0)
		return EXIT_QPOD;
	result = relay_errand(server, &inside);
	if (result >= 0 || has_ended(entry->pin, entry->pid, 1000))
		return result >= 0 ? result : -ESRCH;
	report_failure("reach the process that serves the pod", server, -result, "`qpod down` ends the pod; the next command starts it anew.");
	return EXIT_QPOD;
}

/* In the pod. A pod that ends under our hands is started again; once is bad luck, more is a fault. */
static int arrive(struct runtime *runtime, const struct errand *errand, struct entry *entry, int *served)
{
	for (int tries = 0; tries < 3; tries++) {
		int result = have_entry(runtime, errand, entry);
		const char *server;
		if (result < 0)
			return result;
		server = find_server(entry, errand->stay_root);
		if (server && errand->arrived)
			return report_failure("enter the environment", errand->pod, ENOTSUP, "Its pod is served by its first process, which the process API cannot ask yet.");
		result = server ? have_served(entry, errand, server) : join(entry, errand->stay_root);
		*served = server != NULL;
		if (result != -ESRCH)
			return result;
		entry_close(entry);
	}
	return report_failure("keep the pod alive:", errand->pod, 0, "It ends as soon as it is started; `qpod doctor` may know why.");
}

void place_errand(struct errand *errand, char room[PATH_SIZE])
{
	int removed = find_directory(room);

	errand->directory = removed >= 0 ? room : NULL;
	errand->removed = removed > 0;
}

int change_directory(const char *directory)
{
	if (!directory) {
		report_text("Change to a folder that exists.", "the working directory does not exist any more");
		return -1;
	}
	if (chdir(directory) == 0)
		return 0;
	report_text("Go to a folder of the repository, or add the folder to the environment's `mounts:`.",
		"the working directory %s cannot be entered in the environment: %s", directory, strerror(errno));
	return -1;
}

static int take_identity(const struct entry *entry, const struct errand *errand)
{
	struct operation op;

	if (!find_operation(&entry->list, OP_IDENTITY, &op))
		return 0;
	return errand->stay_root ? take_ids(0, 0) : take_ids((uid_t)op.number[0], (gid_t)op.number[1]);
}

int exec_errand(const struct errand *errand, char **envp)
{
	char found[PATH_SIZE], where[256];
	const char *search = find_variable(envp, "PATH"), *path = errand->path;

	snprintf(where, sizeof where, " in the environment (pod %s)", errand->pod);
	if (!search)
		search = "/usr/local/bin:/usr/bin:/bin";
	if (path) {
		/* As it stands. */
	} else if (search_program(search, errand->name, found) == 0) {
		path = found;
	} else if (errno == ENOENT && errand->fallback && is_executable_file(errand->fallback)) {
		path = errand->fallback;
	} else if (errno == EACCES) {
		report_text(NULL, "%s: found, but not executable%s", errand->name, where);
		return EXIT_NOT_EXECUTABLE;
	} else {
		report_text("Install it there (`qpod run --root`), add it to the environment's definition, or list it under `host:`.",
			"%s: not found%s", errand->name, where);
		return EXIT_NOT_FOUND;
	}
	if (errand->before_command)
		errand->before_command();
	return exec_program(where, path, errand->argv, envp);
}

/* In a scratch's mount namespace this file of the runtime folder has something in it. A pod shows the real work tree:
 * a command that was redirected there would change what the scratch is to keep unchanged. */
static int is_in_scratch(const struct runtime *runtime)
{
	char path[PATH_SIZE];
	struct stat info;

	return join_path(path, runtime->base, "/scratch", NULL) == 0 && stat(path, &info) == 0 && info.st_size > 0;
}

int enter_pod(struct runtime *runtime, const struct errand *errand)
{
	char directory[PATH_SIZE], path[PATH_SIZE];
	struct errand inside;
	struct entry entry;
	char **envp;
	int served = 0, arrived, held = -1;

	if (is_in_scratch(runtime)) {
		report_text("Run it in the environment, with a scratch there: qpod scratch -- COMMAND.",
			"%s belongs in an environment, which cannot be entered from a scratch of the host", errand->name);
		return EXIT_QPOD;
	}
	if (errand->removed && (held = hold_directory()) < 0)
		return EXIT_QPOD;
	arrived = arrive(runtime, errand, &entry, &served);
	if (arrived < 0 || served) {
		if (held >= 0)
			close(held);
		return arrived >= 0 || arrived == ENTER_AGAIN ? arrived : EXIT_QPOD;
	}
	envp = build_environment(&entry.list, errand->envp);
	if (!envp) {
		report_failure("build the environment", NULL, ENOMEM, NULL);
		return EXIT_QPOD;
	}
	inside = map_errand(&entry, errand, directory, path);
	if ((held >= 0 ? return_to_directory(held) : change_directory(inside.directory)) < 0)
		return EXIT_QPOD;
	if (take_identity(&entry, errand) < 0 || lower_limits(&entry) < 0)
		return EXIT_QPOD;
	if (errand->stay_root && pretend_other_ids() < 0)
		return EXIT_QPOD;
	if (errand->arrived)
		return errand->arrived(&entry, errand, envp);
	entry_close(&entry);
	return exec_errand(&inside, envp);
}
