#include "environ.h"

#include <string.h>

#include "../../format/session.h"
#include "files.h"

static size_t name_length(const char *assignment)
{
	return strcspn(assignment, "=");
}

static int same_name(const char *a, const char *b)
{
	/* Most differ in the first letter, and each start compares thousands. */
	while (*a && *a != '=' && *a == *b)
		a++, b++;
	return (!*a || *a == '=') && (!*b || *b == '=');
}

/* pattern: NAME or PREFIX* */
static int name_matches(const char *assignment, const char *pattern)
{
	for (;; assignment++, pattern++) {
		int at_end = !*assignment || *assignment == '=';
		if (*pattern == '*' && !pattern[1])
			return 1;
		if (!*pattern)
			return at_end;
		if (at_end || *assignment != *pattern)
			return 0;
	}
}

const char *find_variable(char **envp, const char *name)
{
	for (; envp && *envp; envp++)
		if (same_name(*envp, name) && (*envp)[strlen(name)] == '=')
			return *envp + strlen(name) + 1;
	return NULL;
}

void drop_variable(char **envp, const char *name)
{
	char **to = envp;

	for (; *envp; envp++)
		if (!same_name(*envp, name))
			*to++ = *envp;
	*to = NULL;
}

char **with_variable(char **envp, const char *assignment)
{
	size_t n = 0;
	char **copy;

	while (envp[n])
		n++;
	copy = take_memory((n + 2) * sizeof *copy);
	if (!copy)
		return NULL;
	memcpy(copy, envp, (n + 1) * sizeof *copy);
	for (size_t i = 0; i < n; i++) {
		if (same_name(copy[i], assignment)) {
			copy[i] = (char *)assignment;
			return copy;
		}
	}
	copy[n] = (char *)assignment;
	copy[n + 1] = NULL;
	return copy;
}

static int is_ours(const char *entry, size_t length)
{
	static const char tail[] = "/" SESSION_LIBRARY;
	return length >= sizeof tail - 1 && memcmp(entry + length - (sizeof tail - 1), tail, sizeof tail - 1) == 0;
}

void drop_preload(char **envp)
{
	char *value = (char *)find_variable(envp, "LD_PRELOAD"), *to, *at;

	if (!value)
		return;
	to = at = value;
	while (*at) {
		size_t n = strcspn(at, ": ");
		if (n > 0 && !is_ours(at, n)) {
			if (to != value)
				*to++ = ':';
			memmove(to, at, n);
			to += n;
		}
		at += n;
		at += strspn(at, ": ");
	}
	*to = 0;
	if (to == value)
		drop_variable(envp, "LD_PRELOAD");
}

/* These never pass, whatever an entry says (a pattern such as P* may cover them): they would carry the host's
 * world inside. */
static int never_passes(const char *assignment)
{
	static const char *const names[] = { "PATH", "PYTHONPATH", "PYTHONHOME", "PERL5LIB", "PERLLIB", "RUBYLIB" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (*assignment == *names[i] && same_name(assignment, names[i]))
			return 1;
	return strncmp(assignment, "LD_", 3) == 0 || strncmp(assignment, "QPOD_", 5) == 0;
}

/* One OP_PASS or OP_PASS_IF, with its strings at hand: each variable is held against all of them. */
struct gate {
	const char **strings;
	size_t count;
	int is_conditional;
};

static int gate_opens(const struct gate *gate, const char *assignment)
{
	const char *value;

	if (!gate->is_conditional) {
		for (size_t i = 0; i < gate->count; i++)
			if (name_matches(assignment, gate->strings[i]))
				return 1;
		return 0;
	}
	if (gate->count == 0 || !name_matches(assignment, gate->strings[0]))
		return 0;
	value = assignment + name_length(assignment);
	for (size_t i = 1; i < gate->count; i++)
		if (strcmp(value + (*value == '='), gate->strings[i]) == 0)
			return 1;
	return 0;
}

/* The gates of an entry in room for all its strings; how many. */
static size_t list_gates(const struct operation_list *entry, struct gate *gates, size_t room, const char **strings)
{
	struct operation op;
	size_t offset = 0, count = 0;

	while (count < room && operation_next(entry, &offset, &op)) {
		if (op.code != OP_PASS && op.code != OP_PASS_IF)
			continue;
		gates[count] = (struct gate){ strings, operation_strings(&op, strings, op.strings), op.code == OP_PASS_IF };
		strings += gates[count++].count;
	}
	return count;
}

#define MOST_GATES 16

static size_t pass_variables(const struct operation_list *entry, char **caller, char **envp, const char **strings)
{
	struct gate gates[MOST_GATES];
	size_t count = 0, gate_count = list_gates(entry, gates, MOST_GATES, strings);

	for (char **at = caller; *at; at++) {
		if (never_passes(*at))
			continue;
		for (size_t i = 0; i < gate_count; i++) {
			if (gate_opens(&gates[i], *at)) {
				envp[count++] = *at;
				break;
			}
		}
	}
	return count;
}

static size_t set_variable(char **envp, size_t count, char *assignment)
{
	for (size_t i = 0; i < count; i++) {
		if (same_name(envp[i], assignment)) {
			envp[i] = assignment;
			return count;
		}
	}
	envp[count] = assignment;
	return count + 1;
}

static char *assign_path(const char *search)
{
	char *path = take_memory(strlen(search) + 6);

	if (path) {
		strcpy(path, "PATH=");
		strcat(path, search);
	}
	return path;
}

char **build_environment(const struct operation_list *entry, char **caller)
{
	struct operation op;
	size_t room = 2, string_count = 0, count, offset = 0;
	char **envp;
	const char **strings;

	for (char **at = caller; *at; at++)
		room++;
	while (operation_next(entry, &offset, &op))
		string_count += op.strings;
	envp = take_memory((room + string_count) * sizeof *envp);
	strings = take_memory((string_count + 1) * sizeof *strings);
	if (!envp || !strings)
		return NULL;
	count = pass_variables(entry, caller, envp, strings);
	offset = 0;
	while (operation_next(entry, &offset, &op)) {
		if (op.code == OP_SET) {
			size_t n = operation_strings(&op, strings, op.strings);
			for (size_t i = 0; i < n; i++)
				count = set_variable(envp, count, (char *)strings[i]);
		} else if (op.code == OP_SEARCH && op.strings > 0) {
			char *path = assign_path(operation_string(&op, 0, NULL));
			if (!path)
				return NULL;
			count = set_variable(envp, count, path);
		}
	}
	envp[count] = NULL;
	return envp;
}
