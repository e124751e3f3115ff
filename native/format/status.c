/* Writing and reading status records. */
#include "status.h"
#include "bytes.h"
#include "syscall.h"

#define HEADER_SIZE 24u

static void put_number(unsigned char *to, uint64_t value, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		to[i] = (unsigned char)(value >> (8 * i));
}

/* The strings, each with its NUL; what does not fit is cut, the last byte is a NUL still. */
static uint32_t put_strings(unsigned char *to, const char *const *strings)
{
	uint32_t used = 0;
	for (; *strings && used < STATUS_TEXT_MAX; strings++) {
		size_t length = bytes_length(*strings);
		if (length > STATUS_TEXT_MAX - used - 1)
			length = STATUS_TEXT_MAX - used - 1;
		bytes_copy(to + used, *strings, length);
		used += (uint32_t)length;
		to[used++] = 0;
	}
	return used;
}

uint32_t status_child;

void status_put_header(unsigned char *to, enum status_kind kind, uint32_t child, int64_t number, uint32_t length)
{
	put_number(to, STATUS_MAGIC, 4);
	put_number(to + 4, kind, 2);
	put_number(to + 6, STATUS_VERSION, 2);
	put_number(to + 8, length, 4);
	put_number(to + 12, child, 4);
	put_number(to + 16, (uint64_t)number, 8);
}

int status_write(int fd, enum status_kind kind, int64_t number, const char *const *strings)
{
	unsigned char record[HEADER_SIZE + STATUS_TEXT_MAX];
	uint32_t length = put_strings(record + HEADER_SIZE, strings);
	status_put_header(record, kind, status_child, number, length);
	for (size_t done = 0; done < HEADER_SIZE + length;) {
		long n = syscall_raw(NR_write, fd, (long)(record + done), (long)(HEADER_SIZE + length - done), 0, 0, 0);
		if (n == -ERR_INTR)
			continue;
		if (n < 0)
			return (int)n;
		done += (size_t)n;
	}
	return 0;
}

int status_read(const void *bytes, size_t size, size_t *offset, struct status_header *header, const char **text)
{
	if (*offset >= size)
		return 0;
	const unsigned char *p = (const unsigned char *)bytes + *offset;
	size_t room = size - *offset;
	if (room < HEADER_SIZE)
		return -1;
	header->magic = bytes_u32(p);
	header->kind = bytes_u16(p + 4);
	header->version = bytes_u16(p + 6);
	header->length = bytes_u32(p + 8);
	header->child = bytes_u32(p + 12);
	header->number = (int64_t)bytes_u64(p + 16);
	if (header->magic != STATUS_MAGIC || header->version != STATUS_VERSION)
		return -1;
	if (header->length > STATUS_TEXT_MAX || header->length > room - HEADER_SIZE)
		return -1;
	if (header->kind != STATUS_OUTPUT && header->length > 0 && p[HEADER_SIZE + header->length - 1] != 0)
		return -1;
	*text = (const char *)p + HEADER_SIZE;
	*offset += HEADER_SIZE + header->length;
	return 1;
}
