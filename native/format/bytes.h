/* The few things on bytes that the readers need, so that they ask nothing of a libc: the preload library has none. */
#ifndef QPOD_BYTES_H
#define QPOD_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* Byte by byte, since a damaged file may put a table anywhere; compilers make one load of it. */
static inline uint16_t bytes_u16(const unsigned char *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t bytes_u32(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t bytes_u64(const unsigned char *p)
{
	return bytes_u32(p) | (uint64_t)bytes_u32(p + 4) << 32;
}

static inline void bytes_load_words(const unsigned char *p, uint32_t *words, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		words[i] = bytes_u32(p + 4 * i);
}

/* The empty asm keeps compilers from seeing memcpy, memcmp or strlen in the loops and calling them. */
#define BYTES_NO_IDIOM() __asm__ volatile("")

static inline size_t bytes_length(const char *text)
{
	size_t length = 0;
	while (text[length]) {
		length++;
		BYTES_NO_IDIOM();
	}
	return length;
}

static inline int bytes_equal(const void *a, const void *b, size_t length)
{
	const unsigned char *x = a, *y = b;
	for (size_t i = 0; i < length; i++) {
		if (x[i] != y[i])
			return 0;
		BYTES_NO_IDIOM();
	}
	return 1;
}

static inline void bytes_copy(void *to, const void *from, size_t length)
{
	unsigned char *x = to;
	const unsigned char *y = from;
	for (size_t i = 0; i < length; i++) {
		x[i] = y[i];
		BYTES_NO_IDIOM();
	}
}

static inline int bytes_starts(const char *text, const char *start)
{
	while (*start && *text == *start) {
		text++;
		start++;
	}
	return *start == 0;
}

/* strcmp */
static inline int bytes_order(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (unsigned char)*a - (unsigned char)*b;
}

#endif
