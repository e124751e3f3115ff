#define _GNU_SOURCE
#include "question.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../enter/directory.h"

int read_branch(const char *git_dir, char branch[PATH_SIZE])
{
	static const char reference[] = "ref: refs/heads/";
	char path[PATH_SIZE], line[PATH_SIZE];
	ssize_t n;

	*branch = 0;
	if (join_path(path, git_dir, "/HEAD", NULL) < 0)
		return -errno;
	n = read_line(path, line, sizeof line);
	if (n < 0)
		return (int)n;
	if (strncmp(line, reference, sizeof reference - 1) != 0)
		return 1;
	/* What git puts here when the branches are kept in another format (reftable). */
	if (strcmp(line + sizeof reference - 1, ".invalid") == 0)
		return -EOPNOTSUPP;
	snprintf(branch, PATH_SIZE, "%s", line + sizeof reference - 1);
	return 0;
}

int find_repository(const char *path, char root[PATH_SIZE])
{
	char git[PATH_SIZE];

	snprintf(root, PATH_SIZE, "%s", path);
	for (;;) {
		if (join_path(git, strcmp(root, "/") ? root : "", "/.git", NULL) == 0 && access(git, F_OK) == 0)
			return 0;
		char *slash = strrchr(root, '/');
		if (!slash || strcmp(root, "/") == 0)
			return -1;
		*(slash == root ? slash + 1 : slash) = 0;
	}
}

/* The common git dir of a work tree: `.git`, or what the file of that name leads to. */
static int find_common_dir(const char *root, char common[PATH_SIZE])
{
	char git[PATH_SIZE], line[PATH_SIZE], file[PATH_SIZE];
	struct stat info;
	const char *dir;

	if (join_path(git, root, "/.git", NULL) < 0 || stat(git, &info) < 0)
		return -1;
	if (S_ISREG(info.st_mode)) {
		if (read_line(git, line, sizeof line) < 0 || strncmp(line, "gitdir: ", 8) != 0)
			return -1;
		dir = line + 8;
		if (join_path(git, *dir == '/' ? "" : root, *dir == '/' ? "" : "/", dir, NULL) < 0)
			return -1;
	}
	if (join_path(file, git, "/commondir", NULL) < 0)
		return -1;
	if (read_line(file, line, sizeof line) < 0)
		return join_path(common, git, NULL);
	return join_path(common, *line == '/' ? "" : git, *line == '/' ? "" : "/", line, NULL);
}

/* <base>/refused/HASH is as new as the last time that TypeScript did not make this repository known. */
static int name_refusal(const struct runtime *runtime, const char *common, char path[PATH_SIZE])
{
	char name[32];
	uint64_t hash = 0xcbf29ce484222325u;

	for (const char *at = common; *at; at++)
		hash = (hash ^ (unsigned char)*at) * 0x100000001b3u;
	snprintf(name, sizeof name, "%016llx", (unsigned long long)hash);
	return join_path(path, runtime->base, "/refused/", name, NULL);
}

static int was_refused(const struct runtime *runtime, const char *common, const struct stat *bindings)
{
	char path[PATH_SIZE];
	struct stat refusal;

	return name_refusal(runtime, common, path) == 0 && lstat(path, &refusal) == 0
		&& (refusal.st_mtim.tv_sec > bindings->st_ctim.tv_sec
			|| (refusal.st_mtim.tv_sec == bindings->st_ctim.tv_sec && refusal.st_mtim.tv_nsec > bindings->st_ctim.tv_nsec));
}

/* Else each command in somebody else's repository would wait for Node. */
static void note_refusal(const struct runtime *runtime, const char *common)
{
	char path[PATH_SIZE];

	if (join_path(path, runtime->base, "/refused", NULL) < 0 || (mkdir(path, 0700) < 0 && errno != EEXIST))
		return;
	if (name_refusal(runtime, common, path) == 0)
		replace_file(path, "", 0);
}

/* Is there a repository here that carries a binding, but that the policy does not know: a new work tree, or one
 * that was moved or copied? Then TypeScript says whether it counts, and makes it known. In a known work tree only what
 * lies deeper is news. */
static int make_known(struct runtime *runtime, const char *path, const char *known)
{
	char root[PATH_SIZE], common[PATH_SIZE], file[PATH_SIZE];
	char *argv[] = { "refresh", root, NULL };
	struct stat bindings;

	if (runtime->in_haste || !path || find_repository(path, root) < 0)
		return 0;
	if (known && (strcmp(root, known) == 0 || !path_is_below(root, known)))
		return 0;
	if (find_common_dir(root, common) < 0)
		return 0;
	if (join_path(file, common, "/qpod/bindings.json", NULL) < 0 || stat(file, &bindings) < 0
	    || was_refused(runtime, common, &bindings))
		return 0;
	if (run_qpod(runtime, argv) != 0 || runtime_open(runtime) < 0)
		return 0;
	if (policy_find_tree(&runtime->policy, root) < 0)
		note_refusal(runtime, common);
	return 1;
}

/* The physical path of an existing file or folder, by asking the kernel: flat in the depth of the path. */
static int find_physical(const char *path, char out[PATH_SIZE])
{
	char link[48];
	int fd = open(path, O_PATH | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, out, PATH_SIZE - 1);
	close(fd);
	if (n <= 0 || *out != '/')
		return -1;
	out[n] = 0;
	return 0;
}

/* Absolute and without links, `.` and `..`, by the word of the kernel. Kernels before 5.6 cannot tell. */
static int is_physical(const char *path)
{
	uint64_t how[3] = { O_PATH | O_CLOEXEC, 0, 4 /* RESOLVE_NO_SYMLINKS */ };
	int fd;

	for (const char *at = path; *at; at++)
		if (*at == '/' && (at[1] == '/' || at[1] == '.' || !at[1]))
			return 0;
	fd = (int)syscall(437 /* openat2 */, AT_FDCWD, path, how, sizeof how);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void resolve_program(struct asked *asked, const char *given, const char *name)
{
	char absolute[PATH_SIZE], folder[PATH_SIZE], one[2];
	struct question *question = &asked->question;

	asked->given = given;
	question->name = name;
	if (!given)
		return;
	if (*given == '/' && is_physical(given)) {
		question->program = question->target = given;
		return;
	}
	if (join_path(absolute, *given == '/' ? "" : asked->directory, *given == '/' ? "" : "/", given, NULL) < 0
	    || (*given != '/' && !question->directory))
		return;
	parent_of(folder, absolute);
	if (find_physical(folder, asked->program) < 0)
		return;
	size_t n = strlen(asked->program);
	if (snprintf(asked->program + n, PATH_SIZE - n, "%s%s", n > 1 ? "/" : "", base_name(absolute)) >= (int)(PATH_SIZE - n))
		return;
	question->program = asked->program;
	/* Most programs are no symlinks, and then this is all. */
	if (readlink(asked->program, one, sizeof one) < 0 && errno == EINVAL)
		question->target = asked->program;
	else if (find_physical(asked->program, asked->target) == 0)
		question->target = asked->target;
}

/* A vacant rule only asks for a second look; what it would send to a pod stays on the host. */
static void leave_vacant(const struct runtime *runtime, struct decision *decision)
{
	struct policy_rule rule;

	if (decision->policy_rule < 0 || !policy_rule(&runtime->policy, (uint32_t)decision->policy_rule, &rule)
	    || !(rule.flags & POLICY_RULE_VACANT))
		return;
	decision->place = PLACE_HOST;
	decision->rule = RULE_NO_BRANCH;
	decision->policy_rule = -1;
	decision->matched = NULL;
}

static void decide_with_branch(struct runtime *runtime, struct asked *asked)
{
	struct policy_tree tree;
	const char *git_dir;

	decide(&runtime->policy, &asked->question, &asked->decision);
	if (asked->decision.tree < 0 || !policy_tree(&runtime->policy, (uint32_t)asked->decision.tree, &tree))
		return;
	git_dir = policy_string(&runtime->policy, tree.git_dir);
	if (!git_dir || read_branch(git_dir, asked->branch) < 0)
		return;
	asked->question.branch = asked->branch;
	decide(&runtime->policy, &asked->question, &asked->decision);
}

static int is_newer(const struct stat *info, const struct runtime *runtime)
{
	return info->st_ctim.tv_sec > runtime->written.tv_sec
		|| (info->st_ctim.tv_sec == runtime->written.tv_sec && info->st_ctim.tv_nsec >= runtime->written.tv_nsec);
}

/* Has a checkout changed, removed or brought back the file that binds this work tree since the policy was written? */
static int is_outdated(const struct runtime *runtime, const struct decision *decision)
{
	char path[PATH_SIZE];
	struct policy_tree tree;
	struct policy_rule rule = { 0 };
	struct stat info;
	const char *root, *source;

	if (decision->tree < 0 || !policy_tree(&runtime->policy, (uint32_t)decision->tree, &tree)
	    || !(root = policy_string(&runtime->policy, tree.root)) || join_path(path, root, "/.qpod.yaml", NULL) < 0)
		return 0;
	if (decision->policy_rule >= 0)
		policy_rule(&runtime->policy, (uint32_t)decision->policy_rule, &rule);
	if (lstat(path, &info) < 0 ? (rule.flags & POLICY_RULE_COMMITTED) != 0 : is_newer(&info, runtime))
		return 1;
	/* The user's own environments, edited by hand. One that was removed was known to be there. */
	for (uint32_t i = 0; i < runtime->policy.header.sources.count; i++)
		if (policy_list_item(&runtime->policy, runtime->policy.header.sources, i, &source)
		    && (stat(source, &info) < 0 || is_newer(&info, runtime)))
			return 1;
	return 0;
}

static void look_for_news(struct runtime *runtime, struct asked *asked)
{
	struct policy_tree tree;
	const char *known = NULL;

	if (asked->decision.tree >= 0 && (!policy_tree(&runtime->policy, (uint32_t)asked->decision.tree, &tree)
	    || !(known = policy_string(&runtime->policy, tree.root))))
		return;
	if (make_known(runtime, asked->question.program, known) || make_known(runtime, asked->question.directory, known))
		decide_with_branch(runtime, asked);
}

void ask(struct runtime *runtime, const char *given, const char *name, struct asked *asked)
{
	/* Not the path buffers: each page that is touched costs as much as a system call. */
	memset(&asked->question, 0, sizeof asked->question);
	asked->removed = find_directory(asked->directory);
	if (asked->removed >= 0)
		asked->question.directory = asked->directory;
	resolve_program(asked, given, name);
	decide_with_branch(runtime, asked);
	if (!runtime->in_haste && is_outdated(runtime, &asked->decision)) {
		char *argv[] = { "refresh", NULL };
		if (run_qpod(runtime, argv) == 0 && runtime_open(runtime) == 0)
			decide_with_branch(runtime, asked);
	}
	leave_vacant(runtime, &asked->decision);
	if (asked->decision.rule != RULE_OWN)
		look_for_news(runtime, asked);
}
