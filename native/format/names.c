/* Which command names an environment takes. */
#include "decide.h"
#include "bytes.h"

/* Longer names are no commands that anybody lists. */
#define NAME_MAX_LENGTH 255

/* Binary search in a list that is sorted by bytes. 0 no, 1 yes, -1 damaged. */
static int list_has(const struct policy *policy, struct policy_list list, const char *name, const char **matched)
{
	uint32_t low = 0, high = list.count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (!policy_list_item(policy, list, middle, matched))
			return -1;
		int order = bytes_order(*matched, name);
		if (order == 0)
			return 1;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

static int globs_have(const struct policy *policy, struct policy_list globs, const char *name, const char **matched)
{
	for (uint32_t i = 0; i < globs.count; i++) {
		if (!policy_list_item(policy, globs, i, matched))
			return -1;
		if (glob_matches(*matched, name))
			return 1;
	}
	return 0;
}

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Length of the name without its version; the whole length when it has none. */
static size_t length_without_version(const char *name, size_t length)
{
	size_t at = length;
	while (at > 0 && (is_digit(name[at - 1]) || (name[at - 1] == '.' && at < length && is_digit(name[at]))))
		at--;
	if (at == length || name[at] == '.')
		return length;
	if (at > 0 && name[at - 1] == '-')
		at--;
	return at > 0 ? at : length;
}

int names_command(const struct policy *policy, uint32_t index, const char *name, const char **matched)
{
	struct policy_environment environment;
	if (!policy_environment(policy, index, &environment))
		return -1;
	int answer = list_has(policy, environment.commands, name, matched);
	size_t length = bytes_length(name);
	if (answer == 0 && length <= NAME_MAX_LENGTH) {
		size_t bare = length_without_version(name, length);
		if (bare < length) {
			char text[NAME_MAX_LENGTH + 1];
			bytes_copy(text, name, bare);
			text[bare] = 0;
			answer = list_has(policy, environment.commands, text, matched);
		}
	}
	if (answer == 0)
		answer = globs_have(policy, environment.command_globs, name, matched);
	return answer;
}
