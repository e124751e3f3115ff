#include "reach.h"
#include "bytes.h"

enum { SEGMENT_INTERPRETER = 3, HEADER_SIZE = 64, CLASS_64 = 2 };

/* ELF of either word size, little-endian as every processor that we run on. */
static enum reach reach_program(const unsigned char *start, size_t size)
{
	int wide = start[4] == CLASS_64;
	uint64_t offset = wide ? bytes_u64(start + 32) : bytes_u32(start + 28);
	uint32_t entry = bytes_u16(start + (wide ? 54 : 42)), count = bytes_u16(start + (wide ? 56 : 44));

	for (uint32_t i = 0; i < count; i++) {
		/* The table follows the header nearly always; what is elsewhere is taken for an ordinary program. */
		if (offset > size || size - offset < 4)
			return REACH_YES;
		if (bytes_u32(start + offset) == SEGMENT_INTERPRETER)
			return REACH_YES;
		offset += entry;
	}
	return count > 0 ? REACH_NO : REACH_YES;
}

static int is_blank(unsigned char c)
{
	return c == ' ' || c == '\t';
}

enum reach find_reach(unsigned char *start, size_t size, const char **interpreter)
{
	size_t at = 2;

	if (size >= HEADER_SIZE && bytes_equal(start, "\177ELF", 4))
		return reach_program(start, size);
	if (size < 4 || start[0] != '#' || start[1] != '!')
		return REACH_YES;
	while (at < size && is_blank(start[at]))
		at++;
	*interpreter = (const char *)start + at;
	while (at < size && !is_blank(start[at]) && start[at] != '\n')
		at++;
	if (at == size)
		return REACH_YES;
	start[at] = 0;
	return REACH_SCRIPT;
}
