#define _GNU_SOURCE
#include "front.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/environ.h"
#include "../base/files.h"
#include "../base/limits.h"
#include "../base/program.h"
#include "../base/report.h"
#include "../enter/enter.h"
#include "../road/question.h"
#include "explain.h"
#include "help.h"
#include "plan.h"

#define PLAN_MAX (16u << 20)

/* Node's own environment: what it starts (tar, podman, ar) must not be caught by a session it was started in, and options
 * that the user has set for their own programs in Node are not for us. */
static char **node_environment(char **envp)
{
	size_t n = 0;
	char **copy;

	while (envp[n])
		n++;
	copy = malloc((n + 1) * sizeof *copy);
	if (!copy)
		return envp;
	for (size_t i = 0; i <= n; i++)
		copy[i] = envp[i] && strncmp(envp[i], "LD_PRELOAD=", 11) == 0 ? strdup(envp[i]) : envp[i];
	drop_preload(copy);
	drop_variable(copy, "NODE_OPTIONS");
	return copy;
}

static int plan_and_become(char **words, int argc, char **argv, char **envp)
{
	char variable[40];
	struct bytes plan;
	int channel[2], status;
	pid_t node;

	if (pipe2(channel, O_CLOEXEC) < 0)
		return report_failure("make a pipe", NULL, errno, remedy_for(errno)), EXIT_QPOD;
	node = fork();
	if (node < 0)
		return report_failure("fork", NULL, errno, NULL), EXIT_QPOD;
	if (node == 0) {
		fcntl(channel[1], F_SETFD, 0);
		snprintf(variable, sizeof variable, "QPOD_PLAN=%d", channel[1]);
		return exec_program("", words[0], words, with_variable(node_environment(envp), variable));
	}
	close(channel[1]);
	status = -read_to_end(channel[0], PLAN_MAX, &plan);
	close(channel[0]);
	if (status)
		return report_failure("read the plan", NULL, status, NULL), EXIT_QPOD;
	while (waitpid(node, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	if (WEXITSTATUS(status) != 0 || plan.size == 0)
		return WEXITSTATUS(status);
	return carry_out_plan(&plan, argc, argv, envp);
}

/* `qpod run [--root] [--] COMMAND` where a pod is up needs no Node. Returns only when it does (or with a failure). */
#define NODE_IS_NEEDED (-1)

static int run_at_once(char **words, char **envp)
{
	static struct runtime runtime;
	static struct asked asked;
	struct errand errand = { .envp = envp };
	struct policy_rule rule;
	struct entry entry;

	for (; *words && strcmp(*words, "--root") == 0; words++)
		errand.stay_root = 1;
	if (*words && strcmp(*words, "--") == 0)
		words++;
	else if (!*words || **words == '-')
		return NODE_IS_NEEDED;
	runtime_find(&runtime);
	if (!*words || runtime_open(&runtime) < 0)
		return NODE_IS_NEEDED;
	ask(&runtime, NULL, "", &asked);
	if (asked.decision.policy_rule < 0 || !policy_rule(&runtime.policy, (uint32_t)asked.decision.policy_rule, &rule)
	    || !(errand.pod = policy_string(&runtime.policy, rule.pod)))
		return NODE_IS_NEEDED;
	errand.definition = rule.definition[0] | (uint64_t)rule.definition[1] << 32;
	if (entry_open(&runtime, errand.pod, errand.definition, &entry) != ENTRY_ALIVE)
		return NODE_IS_NEEDED;
	entry_close(&entry);
	errand.argv = words;
	errand.name = *words;
	errand.path = strchr(*words, '/') ? *words : NULL;
	errand.directory = asked.question.directory;
	errand.removed = asked.removed > 0;
	return enter_pod(&runtime, &errand);
}

/* `qpod explain [--json] [--] COMMAND`: the question is asked here, and Node only words the answer. Returns only when
 * Node must do it all (or with a failure). */
static int explain_at_once(int argc, char **argv, char **envp)
{
	static struct runtime runtime;
	char *program[3], **words, variable[40];
	int at = 2, answer, status;

	if (at < argc && strcmp(argv[at], "--json") == 0)
		at++;
	if (at < argc && strcmp(argv[at], "--") == 0)
		at++;
	else if (at < argc && *argv[at] == '-')
		return NODE_IS_NEEDED;
	runtime_find(&runtime);
	/* What makes the policy is part of qpod's main program. */
	if (at >= argc || runtime_open(&runtime) < 0 || (answer = memfd_create("explanation", MFD_CLOEXEC)) < 0)
		return NODE_IS_NEEDED;
	status = explain(&runtime, answer, argv[at], envp);
	if (status != 0)
		return status;
	words = calloc((size_t)argc + 2, sizeof *words);
	if (!words || find_qpod(NULL, "/explain.js", program) < 0)
		return EXIT_QPOD;
	words[0] = program[0];
	words[1] = program[1];
	memcpy(words + 2, argv + 2, (size_t)(argc - 2) * sizeof *words);
	lseek(answer, 0, SEEK_SET);
	fcntl(answer, F_SETFD, 0);
	snprintf(variable, sizeof variable, "QPOD_EXPLANATION=%d", answer);
	return exec_program("", words[0], words, with_variable(node_environment(envp), variable));
}

/* `qpod-shell --help` and `--version`; all else after it is a command of the user's. */
static int print_help_of_shell(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return print_help(argv + 1);
	return argc == 2 ? print_help((char *[]){ "shell", argv[1], NULL }) : HELP_ELSEWHERE;
}

/* Node keeps what it is given from its children; the commands of these are to get it. */
static char **with_descriptors(char **envp)
{
	static char variable[4096] = "QPOD_DESCRIPTORS=";
	size_t n = strlen(variable);
	DIR *folder = opendir("/proc/self/fd");
	struct dirent *entry;

	while (folder && n < sizeof variable - 16 && (entry = readdir(folder))) {
		int fd = atoi(entry->d_name);
		if (fd > STDERR_FILENO && fd != dirfd(folder) && !(fcntl(fd, F_GETFD) & FD_CLOEXEC))
			n += (size_t)snprintf(variable + n, sizeof variable - n, "%d,", fd);
	}
	if (folder)
		closedir(folder);
	char **with = with_variable(envp, variable);
	return with ? with : envp;
}

/* These become what Node plans. */
static int becomes_command(const char *word)
{
	return strcmp(word, "run") == 0 || strcmp(word, "shell") == 0 || strcmp(word, "scratch") == 0 || strcmp(word, "lab") == 0;
}

int run_front(const char *name, int argc, char **argv, char **envp)
{
	int is_shell = strcmp(name, "qpod-shell") == 0, n, result;
	char *program[3], **words = calloc((size_t)argc + 4, sizeof *words);

	result = is_shell ? print_help_of_shell(argc, argv) : print_help(argc > 0 ? argv + 1 : argv);
	if (result != HELP_ELSEWHERE)
		return result;
	if (!is_shell && argc > 2 && strcmp(argv[1], "explain") == 0) {
		result = explain_at_once(argc, argv, envp);
		if (result != NODE_IS_NEEDED)
			return result;
	}
	if (!is_shell && argc > 2 && strcmp(argv[1], "run") == 0) {
		result = run_at_once(argv + 2, envp);
		if (result != NODE_IS_NEEDED && result != ENTER_AGAIN)
			return result;
	}
	if (!words || node_has_room() < 0 || find_qpod(NULL, "/main.js", program) < 0)
		return EXIT_QPOD;
	words[0] = program[0];
	words[1] = program[1];
	n = 2;
	if (is_shell)
		words[n++] = "shell";
	if (argc > 1)
		memcpy(words + n, argv + 1, (size_t)(argc - 1) * sizeof *words);
	if (is_shell || (argc > 1 && becomes_command(argv[1])))
		return plan_and_become(words, argc, argv, envp);
	if (argc > 1 && (strcmp(argv[1], "trace") == 0 || strcmp(argv[1], "debug") == 0))
		envp = with_descriptors(envp);
	return exec_program("", words[0], words, node_environment(envp));
}
