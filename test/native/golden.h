/* The golden policy of test/format/samples.ts. */
#ifndef QPOD_GOLDEN_H
#define QPOD_GOLDEN_H

#include <stdio.h>
#include <stdlib.h>

static unsigned char *read_golden(const char *name, size_t *size)
{
	char path[256];
	snprintf(path, sizeof path, "test/format/golden/%s", name);
	FILE *file = fopen(path, "rb");
	if (!file) {
		printf("cannot read %s\n", path);
		exit(1);
	}
	unsigned char room[32768];
	*size = fread(room, 1, sizeof room, file);
	fclose(file);
	unsigned char *bytes = malloc(*size);
	for (size_t i = 0; i < *size; i++)
		bytes[i] = room[i];
	return bytes;
}

#endif
