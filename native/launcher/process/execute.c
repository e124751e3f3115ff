#define _GNU_SOURCE
#include "execute.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../format/status.h"
#include "../base/environ.h"
#include "../base/program.h"
#include "../base/report.h"
#include "../enter/enter.h"

static int fail(const char *program, int error, const char *explanation)
{
	status_write(report_fd, STATUS_NOT_RUN, error, (const char *[]){ program, explanation, NULL });
	_exit(error == ENOENT || error == ENOTDIR ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE);
}

/* In a session every program that is started is asked about, as if the preload library had caught it: this program is
 * static, and would carry the command past it. */
static int run_by_session(const struct child *child, const char *path)
{
	char variable[PATH_SIZE + 16];
	size_t n = 0;

	snprintf(variable, sizeof variable, "QPOD_EXEC=%s", path);
	while (child->envp[n])
		n++;
	child->envp[n] = variable;
	execve(child->session, child->argv, child->envp);
	return fail(child->session, errno, "the session's launcher");
}

int run_program(struct child *child, const char *program)
{
	char found[PATH_SIZE], mapped[PATH_SIZE];
	const char *search = find_variable(child->envp, "PATH"), *path = program;

	if (!strchr(program, '/')) {
		if (search_program(search ? search : "/usr/local/bin:/usr/bin:/bin", program, found) < 0)
			return fail(program, errno, "");
		path = found;
	} else if (child->entry) {
		path = map_path(child->entry, program, mapped);
	}
	if (child->session && access(path, X_OK) == 0)
		return run_by_session(child, path);
	execve(path, child->argv, child->envp);
	if (errno == ENOENT && access(path, F_OK) == 0)
		return fail(path, ENOENT, "its interpreter is missing");
	return fail(path, errno, "");
}
