#include "check.h"
#include "golden.h"
#include "../../native/format/operation.h"
#include "../../native/format/status.h"

static void walk(const struct operation_list *list)
{
	struct operation op;
	uint32_t length;
	for (size_t at = 0; operation_next(list, &at, &op);)
		for (unsigned i = 0; operation_string(&op, i, &length); i++)
			if (operation_string(&op, i, NULL)[length] != 0)
				failures++;
}

static void check_damage(unsigned char *bytes, size_t size)
{
	struct operation_list list;
	for (size_t i = 0; i < size; i++) {
		unsigned char kept = bytes[i];
		for (unsigned value = 0; value < 256; value++) {
			bytes[i] = (unsigned char)value;
			if (operation_open(&list, bytes, size) == OPERATION_FINE)
				walk(&list);
		}
		bytes[i] = kept;
	}
	for (size_t cut = 0; cut < size; cut++)
		CHECK("a cut list is no list", operation_open(&list, bytes, cut) != OPERATION_FINE);
}

static void check_status(void)
{
	size_t size, at = 0;
	struct status_header header;
	const char *text;
	unsigned char *bytes = read_golden("status", &size);
	int count = 0;
	while (status_read(bytes, size, &at, &header, &text) == 1)
		count++;
	CHECK("five records", count == 5 && at == size);
	for (size_t cut = 1; cut < 60; cut++) {
		at = 0;
		int answer = status_read(bytes, cut, &at, &header, &text);
		CHECK("a half record is none", answer == (cut >= 24 + header.length && cut > 24 ? 1 : -1));
	}
	CHECK("a closed descriptor", status_write(-1, STATUS_NOTE, 0, (const char *[]){ "x", NULL }) < 0);
	free(bytes);
}

int main(void)
{
	size_t size;
	unsigned char *bytes = read_golden("operations", &size);
	struct operation_list list;
	struct operation op;
	CHECK("the golden list opens", operation_open(&list, bytes, size) == OPERATION_FINE && list.count == 7);
	size_t at = 0;
	CHECK("the pod comes first", operation_next(&list, &at, &op) && op.code == OP_POD && op.number[0] == 4711);
	CHECK("its id", strcmp(operation_string(&op, 0, NULL), "pod-1") == 0 && !operation_string(&op, 1, NULL));
	CHECK("names", strcmp(operation_name(OP_PATH_MAP), "path-map") == 0 && strcmp(operation_name(999), "unknown operation") == 0);
	check_damage(bytes, size);
	free(bytes);
	check_status();
	return finish("operation");
}
