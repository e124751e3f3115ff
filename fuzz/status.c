/* The reader of status records, on any bytes. */
#include <stdlib.h>
#include <string.h>

#include "../native/format/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct status_header header;
	const char *text;
	size_t at = 0;
	uint8_t *bytes = malloc(size + 1);
	memcpy(bytes, data, size);
	while (status_read(bytes, size, &at, &header, &text) == 1)
		if (at > size || header.length > STATUS_TEXT_MAX || (header.length && text[header.length - 1]))
			abort();
	free(bytes);
	return 0;
}
