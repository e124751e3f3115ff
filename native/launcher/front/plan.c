#define _GNU_SOURCE
#include "plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/environ.h"
#include "../base/program.h"
#include "../base/report.h"
#include "../enter/enter.h"
#include "../pod/perform.h"

static int enter_by_plan(const struct operation *op, int argc, char **argv, char **envp)
{
	static struct runtime runtime;
	char directory[PATH_SIZE];
	const char *given = operation_string(op, 2, NULL);
	struct errand errand = { .envp = envp, .definition = op->number[2], .stay_root = (op->number[1] & ENTER_ROOT) != 0 };

	if (op->strings < 3 || op->number[0] == 0 || op->number[0] >= (uint64_t)argc)
		return report_failure("read the plan", NULL, EPROTO, NULL), EXIT_QPOD;
	snprintf(runtime.base, sizeof runtime.base, "%s", operation_string(op, 0, NULL));
	runtime_open(&runtime);
	errand.argv = argv + argc - op->number[0];
	errand.pod = operation_string(op, 1, NULL);
	errand.name = errand.argv[0];
	errand.path = strchr(errand.name, '/') ? errand.name : NULL;
	if (*given)
		errand.directory = given;
	else
		place_errand(&errand, directory);
	int result = enter_pod(&runtime, &errand);
	if (result != ENTER_AGAIN)
		return result;
	report_text("Try again; `qpod doctor` may know why.", "the environment changed while the pod was started");
	return EXIT_QPOD;
}

static int exec_by_plan(const struct operation *op, int argc, char **argv, char **envp)
{
	unsigned fixed = op->strings - 1u;
	size_t tail = op->number[0];
	char **words = calloc(fixed + tail + 1, sizeof *words);

	if (!words || op->strings < 1 || fixed + tail == 0 || tail >= (size_t)argc)
		return report_failure("read the plan", NULL, EPROTO, NULL), EXIT_QPOD;
	for (unsigned i = 0; i < fixed; i++)
		words[i] = (char *)operation_string(op, i + 1, NULL);
	memcpy(words + fixed, argv + argc - tail, tail * sizeof *words);
	return exec_program("", operation_string(op, 0, NULL), words, envp);
}

static int change_to(const struct operation *op)
{
	const char *folder = operation_string(op, 0, NULL);

	if (folder && chdir(folder) == 0)
		return 0;
	return report_failure("enter the working directory", folder, errno, "Change to a folder that exists there.");
}

int carry_out_plan(const struct bytes *plan, int argc, char **argv, char **envp)
{
	struct operation_list list;
	struct operation op;
	size_t offset = 0;

	if (operation_open(&list, plan->at, plan->size) != OPERATION_FINE)
		return report_failure("read the plan", NULL, EPROTO, "Build qpod again: its parts are of different versions."), EXIT_QPOD;
	while (operation_next(&list, &offset, &op)) {
		switch (op.code) {
		case OP_SET:
			for (unsigned i = 0; i < op.strings && envp; i++)
				envp = with_variable(envp, operation_string(&op, i, NULL));
			break;
		case OP_UNSET:
			for (unsigned i = 0; i < op.strings; i++)
				drop_variable(envp, operation_string(&op, i, NULL));
			break;
		case OP_ENTER:
			return enter_by_plan(&op, argc, argv, envp);
		case OP_EXEC:
			return exec_by_plan(&op, argc, argv, envp);
		case OP_DIRECTORY:
			if (change_to(&op) < 0)
				return EXIT_QPOD;
			break;
		default:
			if (perform_operation(&op) < 0)
				return EXIT_QPOD;
		}
	}
	return report_failure("read the plan", NULL, ENODATA, NULL), EXIT_QPOD;
}
