#define _GNU_SOURCE
#include "runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "environ.h"
#include "limits.h"
#include "report.h"

extern char **environ;

void runtime_find(struct runtime *runtime)
{
	const char *given = getenv("XDG_RUNTIME_DIR");
	struct stat info;

	/* Its path goes into LD_PRELOAD, which cannot hold these. */
	if (given && *given == '/' && !given[strcspn(given, " \t\n\v\f\r:$")] && lstat(given, &info) == 0
	    && S_ISDIR(info.st_mode) && info.st_uid == getuid() && !(info.st_mode & 077))
		snprintf(runtime->base, sizeof runtime->base, "%s/qpod", given);
	else if (getuid() == 0)
		snprintf(runtime->base, sizeof runtime->base, "/run/qpod");
	else
		snprintf(runtime->base, sizeof runtime->base, "/tmp/qpod-%u", (unsigned)getuid());
}

int runtime_open(struct runtime *runtime)
{
	char path[PATH_SIZE];
	struct stat info;
	void *map = MAP_FAILED;
	int fd, error = 0;

	runtime->has_policy = 0;
	/* In a folder of somebody else's even a file of ours (a hard link to an old one) is theirs to choose. */
	if (lstat(runtime->base, &info) < 0)
		return -errno;
	if (!S_ISDIR(info.st_mode) || (info.st_mode & 022) || (info.st_uid != 0 && info.st_uid != geteuid()))
		return -EPERM;
	if (join_path(path, runtime->base, "/policy", NULL) < 0)
		return -errno;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return errno == ELOOP ? -EPERM : -errno;
	if (fstat(fd, &info) < 0)
		error = -errno;
	else if (!S_ISREG(info.st_mode) || (info.st_mode & 022) || (info.st_uid != 0 && info.st_uid != geteuid()))
		error = -EPERM;
	else if ((size_t)info.st_size > POLICY_MAX || info.st_size == 0)
		error = -EPROTO;
	else if ((map = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0)) == MAP_FAILED)
		error = -errno;
	close(fd);
	if (error)
		return error;
	if (policy_open(&runtime->policy, map, (size_t)info.st_size) != POLICY_FINE) {
		munmap(map, (size_t)info.st_size);
		return -EPROTO;
	}
	runtime->written = info.st_mtim;
	runtime->has_policy = 1;
	return 0;
}

const char *own_path(void)
{
	static char path[PATH_SIZE];
	ssize_t n;

	if (*path)
		return path;
	n = readlink("/proc/self/exe", path, sizeof path - 1);
	path[n > 0 ? n : 0] = 0;
	return path;
}

static int find_in_path(const char *name, char out[PATH_SIZE])
{
	const char *path = getenv("PATH");

	if (!path)
		path = "/usr/local/bin:/usr/bin:/bin";
	for (;;) {
		size_t n = strcspn(path, ":");
		if (n > 0 && snprintf(out, PATH_SIZE, "%.*s/%s", (int)n, path, name) < PATH_SIZE && access(out, X_OK) == 0)
			return 0;
		if (!path[n])
			return -1;
		path += n + 1;
	}
}

int find_qpod(struct runtime *runtime, const char *file, char *argv[3])
{
	static char node[PATH_SIZE], program[PATH_SIZE], folder[PATH_SIZE], native[PATH_SIZE];
	const char *text;

	/* dist/native/qpod-launch -> dist/FILE */
	parent_of(native, own_path());
	parent_of(folder, native);
	if (join_path(program, folder, file, NULL) < 0 || access(program, R_OK) < 0)
		return report_failure("find qpod's own program", program, errno, "Build or install qpod again: `make build`.");
	argv[0] = node;
	argv[1] = program;
	argv[2] = NULL;
	if (runtime && runtime->has_policy && policy_list_item(&runtime->policy, runtime->policy.header.program, 0, &text)
	    && access(text, X_OK) == 0) {
		snprintf(node, sizeof node, "%s", text);
		return 0;
	}
	if (find_in_path("node", node) == 0 || find_in_path("nodejs", node) == 0)
		return 0;
	return report_failure("find node", NULL, ENOENT, "qpod needs Node.js 20.19 or newer on PATH.");
}

/* cron and units of systemd have no XDG_RUNTIME_DIR: what is made again must be made where we look for it. */
static char **environment_for(const struct runtime *runtime)
{
	static char assignment[PATH_SIZE + 16];
	char **envp;

	if (!runtime || join_path(assignment, "QPOD_RUNTIME=", runtime->base, NULL) < 0)
		return environ;
	envp = with_variable(environ, assignment);
	return envp ? envp : environ;
}

int run_qpod(struct runtime *runtime, char *const argv[])
{
	char *words[16];
	int status, n = 2;
	pid_t child;

	/* It is waited for: it has a program of its own, which is read in less time. */
	if (node_has_room() < 0 || find_qpod(runtime, strcmp(argv[0], "start-pod") == 0 ? "/start-pod.js" : "/main.js", words) < 0)
		return EXIT_QPOD;
	for (; argv[n - 2] && n < 15; n++)
		words[n] = argv[n - 2];
	words[n] = NULL;
	child = fork();
	if (child < 0)
		return report_failure("fork", NULL, errno, remedy_for(errno)), EXIT_QPOD;
	if (child == 0) {
		int null = open("/dev/null", O_RDONLY);
		/* The command's input and output are its own; progress goes to the terminal by stderr. */
		dup2(null, 0);
		dup2(2, 1);
		drop_preload(environ);
		drop_variable(environ, "QPOD_EXEC");
		drop_variable(environ, "NODE_OPTIONS");
		execve(words[0], words, environment_for(runtime));
		report_failure("run", words[0], errno, NULL);
		_exit(EXIT_QPOD);
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_QPOD;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
