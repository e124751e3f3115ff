/* The glob matcher: pattern, NUL, text. */
#include <stdlib.h>
#include <string.h>

#include "../native/format/decide.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, 0, size);
	if (!end || size > 2000)
		return 0;
	size_t first = (size_t)(end - data) + 1;
	char *pattern = malloc(first), *text = malloc(size - first + 1);
	memcpy(pattern, data, first);
	memcpy(text, data + first, size - first);
	text[size - first] = 0;
	if (strcmp(pattern, text) == 0 && !glob_matches(pattern, text) && !strpbrk(pattern, "*"))
		abort();
	glob_matches(pattern, text);
	free(pattern);
	free(text);
	return 0;
}
