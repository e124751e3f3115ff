/* Prints a policy, an operation list or status records as text, through the readers that the product uses.
 * show FILE, or show --write-status FILE: writes the sample records of status.golden. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../native/format/operation.h"
#include "../../native/format/policy.h"
#include "../../native/format/status.h"

static void show_bytes(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c < 33 || c > 126 || c == '\\')
			printf("\\x%02x", c);
		else
			putchar(c);
	}
}

static void show_text(const char *before, const struct policy *policy, struct policy_text text)
{
	const char *bytes = policy_string(policy, text);
	printf("%s", before);
	if (bytes)
		show_bytes(bytes, text.length);
	else
		printf("(damaged)");
}

static void show_list(const char *name, const struct policy *policy, struct policy_list list)
{
	const char *text;
	printf("%s", name);
	for (uint32_t i = 0; i < list.count; i++) {
		putchar(' ');
		if (policy_list_item(policy, list, i, &text))
			show_bytes(text, strlen(text));
		else
			printf("(damaged)");
	}
	putchar('\n');
}

static void show_rule(const struct policy *policy, uint32_t index)
{
	struct policy_rule rule;
	if (!policy_rule(policy, index, &rule)) {
		printf("  (damaged)\n");
		return;
	}
	show_text("  branch=", policy, rule.branch);
	show_text(" pod=", policy, rule.pod);
	printf(" environment=%u definition=%" PRIu64 "\n", rule.environment,
		rule.definition[0] | (uint64_t)rule.definition[1] << 32);
}

static void show_policy(const struct policy *policy)
{
	struct policy_tree tree;
	struct policy_environment environment;
	show_list("program", policy, policy->header.program);
	show_text("home ", policy, policy->header.home);
	putchar('\n');
	for (uint32_t i = 0; policy_tree(policy, i, &tree); i++) {
		const char *root = policy_string(policy, tree.root);
		show_text("tree ", policy, tree.root);
		show_text(" git ", policy, tree.git_dir);
		printf(" found=%" PRId64 "\n", root ? policy_find_tree(policy, root) : -3);
		for (uint32_t j = 0; j < tree.rule_count; j++)
			show_rule(policy, tree.first_rule + j);
	}
	for (uint32_t i = 0; policy_environment(policy, i, &environment); i++) {
		show_text("environment ", policy, environment.name);
		putchar('\n');
		show_list("  commands", policy, environment.commands);
		show_list("  globs", policy, environment.command_globs);
		show_list("  host", policy, environment.host_names);
		show_list("  paths", policy, environment.host_paths);
	}
}

static void show_operations(const struct operation_list *list)
{
	struct operation op;
	for (size_t at = 0; operation_next(list, &at, &op);) {
		printf("%s", operation_name(op.code));
		for (unsigned i = 0; i < OPERATION_NUMBERS; i++)
			printf(" %" PRIu64, op.number[i]);
		uint32_t length;
		const char *text;
		for (unsigned i = 0; (text = operation_string(&op, i, &length)); i++) {
			printf(" '");
			show_bytes(text, length);
			putchar('\'');
		}
		putchar('\n');
	}
}

static int show_status(const void *bytes, size_t size)
{
	struct status_header header;
	const char *text;
	size_t at = 0;
	int answer;
	while ((answer = status_read(bytes, size, &at, &header, &text)) > 0) {
		printf("%u %" PRId64, header.kind, header.number);
		for (const char *p = text; p < text + header.length; p += strlen(p) + 1) {
			printf(" '");
			show_bytes(p, strlen(p));
			putchar('\'');
		}
		putchar('\n');
	}
	return answer;
}

static int write_status(const char *file)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd < 0)
		return 1;
	char *large = malloc(20000);
	memset(large, 'x', 19999);
	large[19999] = 0;
	int error = status_write(fd, STATUS_FAILED, 2, (const char *[]){ "mount", "/proc", "not \"permitted\" here\n", NULL })
		| status_write(fd, STATUS_STARTED, 4711, (const char *[]){ "pod-1", "98765432109876543", NULL })
		| status_write(fd, STATUS_FACT, -1, (const char *[]){ "rule", "", NULL })
		| status_write(fd, STATUS_NOTE, 0, (const char *[]){ large, "cut off", NULL })
		| status_write(fd, STATUS_NOTE, 0, (const char *[]){ NULL });
	free(large);
	close(fd);
	return error != 0;
}

static char *read_file(const char *name, size_t *size)
{
	FILE *file = fopen(name, "rb");
	if (!file)
		return NULL;
	fseek(file, 0, SEEK_END);
	*size = (size_t)ftell(file);
	rewind(file);
	/* Exactly that size, so that the sanitizer sees one byte too many. */
	char *bytes = malloc(*size ? *size : 1);
	*size = fread(bytes, 1, *size, file);
	fclose(file);
	return bytes;
}

int main(int argc, char **argv)
{
	size_t size;
	struct policy policy;
	struct operation_list list;
	if (argc == 3 && strcmp(argv[1], "--write-status") == 0)
		return write_status(argv[2]);
	char *bytes = argc == 2 ? read_file(argv[1], &size) : NULL;
	if (!bytes)
		return 2;
	enum policy_fault fault = policy_open(&policy, bytes, size);
	enum operation_fault operation_fault = operation_open(&list, bytes, size);
	int status = 0;
	if (fault == POLICY_FINE)
		show_policy(&policy);
	else if (fault != POLICY_NOT_OURS)
		printf("policy: %s\n", policy_fault_text(fault));
	else if (operation_fault == OPERATION_FINE)
		show_operations(&list);
	else if (operation_fault != OPERATION_NOT_OURS)
		printf("operations: %s\n", operation_fault_text(operation_fault));
	else
		status = show_status(bytes, size) ? 1 : 0;
	free(bytes);
	return status;
}
