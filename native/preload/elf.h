/* What of ELF is read; the system's <elf.h> is not there for 32 bits where only 64-bit headers are installed. */
#ifndef QPOD_ELF_H
#define QPOD_ELF_H

#include <stddef.h>
#include <stdint.h>

enum { SEGMENT_DYNAMIC = 2 };
enum { TAG_END = 0, TAG_HASH = 4, TAG_STRINGS = 5, TAG_SYMBOLS = 6, TAG_GNU_HASH = 0x6ffffef5, TAG_VERSIONS = 0x6ffffff0 };
enum { SYMBOL_FUNCTION = 2, VERSION_HIDDEN = 0x8000 };

#if UINTPTR_MAX > 0xffffffffu
struct elf_segment { uint32_t type, flags; uint64_t offset, address, physical, file_size, size, align; };
struct elf_symbol { uint32_t name; uint8_t info, other; uint16_t section; uint64_t value, size; };
#else
struct elf_segment { uint32_t type, offset, address, physical, file_size, size, flags, align; };
struct elf_symbol { uint32_t name, value, size; uint8_t info, other; uint16_t section; };
#endif

/* The start of struct dl_phdr_info. */
struct elf_loaded {
	uintptr_t base;
	const char *name;
	const struct elf_segment *segments;
	uint16_t segment_count;
};

#endif
