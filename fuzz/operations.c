/* The reader of operation lists, on any bytes; a list inside OP_ENTRY is read as well. */
#include <stdlib.h>
#include <string.h>

#include "../native/format/operation.h"

static void read_list(const void *bytes, size_t size, int depth)
{
	struct operation_list list;
	struct operation op;
	uint32_t length;
	const char *text;
	size_t at = 0, count = 0;
	if (operation_open(&list, bytes, size) != OPERATION_FINE)
		return;
	for (; operation_next(&list, &at, &op); count++) {
		if (!operation_name(op.code))
			abort();
		for (unsigned i = 0; (text = operation_string(&op, i, &length)); i++) {
			if (text[length] != 0)
				abort();
			if (op.code == OP_ENTRY && i == 1 && depth < 3)
				read_list(text, length, depth + 1);
		}
	}
	if (count != list.count)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes = malloc(size + 1);
	memcpy(bytes, data, size);
	read_list(bytes, size, 0);
	free(bytes);
	return 0;
}
