#include "entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/first_process.h"
#include "../base/report.h"

#define LIST_HEADER 24
#define NUMBERS_AT 8 /* in an operation, behind code, strings and size */

enum entry_state entry_open(const struct runtime *runtime, const char *pod, uint64_t definition, struct entry *entry)
{
	char path[PATH_SIZE];
	struct operation op;
	size_t offset = 0;
	int error;

	entry->pin = -1;
	if (join_path(path, runtime->base, "/pods/", pod, ".entry", NULL) < 0)
		return ENTRY_GONE;
	error = read_own_file(path, ENTRY_MAX, &entry->bytes);
	if (error == -EPERM || error == -ELOOP) {
		report_failure("trust", path, EPERM, "It is not a file of yours that only you can write: remove it, it is made again.");
		return ENTRY_FOREIGN;
	}
	if (error || operation_open(&entry->list, entry->bytes.at, entry->bytes.size) != OPERATION_FINE
	    || !operation_next(&entry->list, &offset, &op) || op.code != OP_POD)
		return ENTRY_GONE;
	entry->pid = (pid_t)op.number[0];
	entry->start_time = op.number[1];
	entry->definition = op.number[2];
	entry->serves = op.number[3];
	entry->pin = pin_process(entry->pid, op.number[1]);
	if (entry->pin < 0)
		return ENTRY_GONE;
	if (entry->definition == definition)
		return ENTRY_ALIVE;
	close(entry->pin);
	entry->pin = -1;
	return ENTRY_CHANGED;
}

void entry_close(struct entry *entry)
{
	if (entry->pin >= 0)
		close(entry->pin);
	entry->pin = -1;
}

static void put64(unsigned char *at, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		at[i] = (unsigned char)(value >> (8 * i));
}

int entry_write(const char *path, const void *blob, size_t size, pid_t pid, uint64_t start_time)
{
	struct operation_list list;
	unsigned char *copy = malloc(size);
	int error;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, blob, size);
	if (operation_open(&list, copy, size) != OPERATION_FINE || list.count == 0) {
		free(copy);
		return -EINVAL;
	}
	put64(copy + LIST_HEADER + NUMBERS_AT, (uint64_t)pid);
	put64(copy + LIST_HEADER + NUMBERS_AT + 8, start_time);
	error = replace_file(path, copy, size);
	free(copy);
	return error;
}
