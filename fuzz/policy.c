/* The policy reader and the decision, on any bytes. The first 64 bytes choose the question, the rest is the file. */
#include <stdlib.h>
#include <string.h>

#include "../native/format/decide.h"

#define QUESTION 64

/* Letters of the input become parts of paths that the sample policy knows, or something else. */
static void make_path(char *path, const uint8_t *bytes, size_t count)
{
	static const char *parts[] = { "/home", "/u", "/src", "/inner work tree", "/.git", "/tools", "/make", "/", "/..", "/x" };
	path[0] = 0;
	for (size_t i = 0; i < count; i++)
		strcat(path, parts[bytes[i] % (sizeof parts / sizeof *parts)]);
}

static void follow_lists(const struct policy *policy)
{
	struct policy_environment environment;
	const char *text;
	volatile size_t sum = 0;
	for (uint32_t i = 0; i < 8 && policy_environment(policy, i, &environment); i++)
		for (uint32_t j = 0; j < 8 && policy_list_item(policy, environment.commands, j, &text); j++)
			sum += strlen(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *names[] = { "make", "gcc-4.8", "python2.7", "x-elf-gcc", "4", "" };
	static const char *branches[] = { NULL, "", "main", "release/2018.1" };
	char program[256], target[256], directory[256];
	struct policy policy;
	struct decision decision;
	if (size < QUESTION)
		return 0;
	make_path(program, data, 8);
	make_path(target, data + 8, 8);
	make_path(directory, data + 16, 8);
	struct question question = { data[24] & 1 ? program : NULL, data[24] & 2 ? target : NULL, names[data[25] % 6],
		data[24] & 4 ? directory : NULL, branches[data[26] % 4] };
	/* A copy of exactly that size, so that one byte too many is seen. */
	uint8_t *bytes = malloc(size - QUESTION + 1);
	memcpy(bytes, data + QUESTION, size - QUESTION);
	/* Sometimes only the start of it is at hand. */
	uint32_t whole = size - QUESTION < 16 || data[27] % 4 ? (uint32_t)(size - QUESTION)
		: bytes[12] | bytes[13] << 8 | bytes[14] << 16 | (uint32_t)bytes[15] << 24;
	if (policy_open_start(&policy, bytes, size - QUESTION, whole) == POLICY_FINE) {
		decide(&policy, &question, &decision);
		follow_lists(&policy);
		if (decision.place > PLACE_FAULT || decision.tree >= (int64_t)policy.header.tree_count)
			abort();
	}
	free(bytes);
	return 0;
}
