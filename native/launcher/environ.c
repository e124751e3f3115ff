#include "environ.h"

#include <stdlib.h>
#include <string.h>

static size_t name_length(const char *assignment)
{
	return strcspn(assignment, "=");
}

static int same_name(const char *a, const char *b)
{
	size_t n = name_length(a);
	return n == name_length(b) && memcmp(a, b, n) == 0;
}

/* pattern: NAME or PREFIX* */
static int name_matches(const char *assignment, const char *pattern)
{
	size_t n = strlen(pattern);

	if (n > 0 && pattern[n - 1] == '*')
		return name_length(assignment) >= n - 1 && strncmp(assignment, pattern, n - 1) == 0;
	return name_length(assignment) == n && strncmp(assignment, pattern, n) == 0;
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
	copy = malloc((n + 2) * sizeof *copy);
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
	static const char tail[] = "/libqpod.so";
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

/* These never pass, whatever an entry says: they would carry the host's world inside. */
static int never_passes(const char *assignment)
{
	return same_name(assignment, "PATH") || strncmp(assignment, "LD_", 3) == 0 || strncmp(assignment, "QPOD_", 5) == 0;
}

static int passes(const struct operation_list *entry, const char *assignment)
{
	struct operation op;
	size_t offset = 0;

	while (operation_next(entry, &offset, &op)) {
		const char *value = assignment + name_length(assignment);
		if (*value == '=')
			value++;
		if (op.code == OP_PASS) {
			for (unsigned i = 0; i < op.strings; i++)
				if (name_matches(assignment, operation_string(&op, i, NULL)))
					return 1;
		} else if (op.code == OP_PASS_IF && op.strings > 0 && name_matches(assignment, operation_string(&op, 0, NULL))) {
			for (unsigned i = 1; i < op.strings; i++)
				if (strcmp(value, operation_string(&op, i, NULL)) == 0)
					return 1;
		}
	}
	return 0;
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

char **build_environment(const struct operation_list *entry, char **caller)
{
	struct operation op;
	size_t room = 2, count = 0, offset = 0;
	char **envp;

	for (char **at = caller; *at; at++)
		room++;
	while (operation_next(entry, &offset, &op))
		room += op.strings;
	envp = malloc(room * sizeof *envp);
	if (!envp)
		return NULL;
	for (char **at = caller; *at; at++)
		if (!never_passes(*at) && passes(entry, *at))
			envp[count++] = *at;
	offset = 0;
	while (operation_next(entry, &offset, &op)) {
		if (op.code == OP_SET) {
			for (unsigned i = 0; i < op.strings; i++)
				count = set_variable(envp, count, (char *)operation_string(&op, i, NULL));
		} else if (op.code == OP_SEARCH && op.strings > 0) {
			const char *search = operation_string(&op, 0, NULL);
			char *path = malloc(strlen(search) + 6);
			if (!path)
				return NULL;
			strcpy(path, "PATH=");
			strcat(path, search);
			count = set_variable(envp, count, path);
		}
	}
	envp[count] = NULL;
	return envp;
}
