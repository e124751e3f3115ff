#include "environ.h"
#include "state.h"
#include "../format/bytes.h"

/* The value behind NAME=, if the variable is that one. */
static const char *value_of(const char *variable, const char *name)
{
	size_t i = 0;
	for (; name[i]; i++)
		if (variable[i] != name[i])
			return NULL;
	return variable[i] == '=' ? variable + i + 1 : NULL;
}

const char *find_variable(char *const *variables, const char *name)
{
	const char *value = NULL;
	for (; variables && *variables && !value; variables++)
		value = value_of(*variables, name);
	return value;
}

static int separates(char c)
{
	return c == ':' || c == ' ' || c == '\t' || c == '\n';
}

size_t next_entry(const char **list)
{
	size_t length = 0;
	while (separates(**list))
		++*list;
	while ((*list)[length] && !separates((*list)[length]))
		length++;
	return length;
}

/* Our entry in the list, or NULL. */
static const char *find_own_entry(const char *list)
{
	size_t length;
	while ((length = next_entry(&list)) > 0) {
		if (length == state.entry_length && bytes_equal(list, state.entry, length))
			return list;
		list += length;
	}
	return NULL;
}

struct change restore_preload(char *const *variables)
{
	const char *value = find_variable(variables, "LD_PRELOAD");
	if (value && find_own_entry(value))
		return (struct change){ 0 };
	struct change change = { "LD_PRELOAD", state.entry, NULL, state.entry_length, 0, 0 };
	if (value && *value) {
		change.between = ':';
		change.two = value;
		change.two_length = bytes_length(value);
	}
	return change;
}

struct change prefer_folder(char *const *variables, const char *folder)
{
	const char *value = find_variable(variables, "PATH");
	size_t length = bytes_length(folder);
	if (!value || (bytes_starts(value, folder) && (value[length] == ':' || value[length] == 0)))
		return (struct change){ 0 };
	return (struct change){ "PATH", folder, value, length, bytes_length(value), ':' };
}

struct change remove_preload(char *const *variables)
{
	const char *value = find_variable(variables, "LD_PRELOAD");
	const char *own = value ? find_own_entry(value) : NULL;
	if (!own)
		return (struct change){ 0 };
	const char *rest = own + state.entry_length;
	size_t before = (size_t)(own - value), after = bytes_length(rest);
	if (before + after == 0)
		return (struct change){ "LD_PRELOAD", NULL, NULL, 0, 0, 0 };
	return (struct change){ "LD_PRELOAD", value, rest, before, after, 0 };
}

static size_t count_variables(char *const *variables)
{
	size_t count = 0;
	while (variables && variables[count])
		count++;
	return count;
}

size_t measure_environment(char *const *variables, const struct change *change)
{
	size_t pointers = (count_variables(variables) + 2) * sizeof(char *);
	return pointers + bytes_length(change->name) + 1 + change->one_length + change->two_length + 2;
}

static char *write_variable(const struct change *change, char *to)
{
	size_t length = bytes_length(change->name);
	bytes_copy(to, change->name, length);
	to[length++] = '=';
	bytes_copy(to + length, change->one, change->one_length);
	length += change->one_length;
	if (change->between)
		to[length++] = change->between;
	bytes_copy(to + length, change->two, change->two_length);
	to[length + change->two_length] = 0;
	return to;
}

char *const *write_environment(char *const *variables, const struct change *change, void *room)
{
	char **list = room;
	char *changed = change->one ? write_variable(change, (char *)(list + count_variables(variables) + 2)) : NULL;
	size_t count = 0;
	for (; variables && *variables; variables++) {
		if (!value_of(*variables, change->name)) {
			list[count++] = *variables;
		} else if (changed) {
			list[count++] = changed;
			changed = NULL;
		}
	}
	if (changed)
		list[count++] = changed;
	list[count] = NULL;
	return list;
}
