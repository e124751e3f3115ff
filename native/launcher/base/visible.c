#include "visible.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The length of the character at text and its number; 0 when it is no UTF-8. */
static size_t read_character(const unsigned char *text, uint32_t *number)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = text[0];
	size_t length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0;

	if (length == 0 || first >= 0xf8)
		return 0;
	*number = length == 1 ? first : first & (0xffu >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		*number = *number << 6 | (text[i] & 0x3f);
	}
	if (*number < smallest[length] || *number > 0x10ffff || (*number >= 0xd800 && *number < 0xe000))
		return 0;
	return length;
}

/* Unicode's categories Cc and Cf, and its line separators. */
static int is_harmful(uint32_t number)
{
	static const uint32_t ranges[][2] = {
		{ 0, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, { 0x600, 0x605 }, { 0x61c, 0x61c }, { 0x6dd, 0x6dd }, { 0x70f, 0x70f },
		{ 0x890, 0x891 }, { 0x8e2, 0x8e2 }, { 0x180e, 0x180e }, { 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },
		{ 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0x110bd, 0x110bd }, { 0x110cd, 0x110cd }, { 0x13430, 0x1343f },
		{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0001, 0xe007f },
	};

	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (number >= ranges[i][0] && number <= ranges[i][1])
			return 1;
	return 0;
}

static int escape(char out[16], uint32_t number)
{
	const char *name = number == '\n' ? "\\n" : number == '\r' ? "\\r" : number == '\t' ? "\\t" : NULL;

	if (name)
		return snprintf(out, 16, "%s", name);
	return snprintf(out, 16, number < 0x100 ? "\\x%02x" : "\\u{%x}", (unsigned)number);
}

size_t make_visible(char *out, size_t size, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t used = 0;

	while (*at) {
		char piece[16];
		uint32_t number = 0;
		size_t length = read_character(at, &number), n;
		if (length == 0 || is_harmful(number)) {
			n = (size_t)escape(piece, length ? number : *at);
			at += length ? length : 1;
		} else {
			memcpy(piece, at, n = length);
			at += length;
		}
		if (used + n >= size)
			break;
		memcpy(out + used, piece, n);
		used += n;
	}
	out[used] = 0;
	return used;
}
