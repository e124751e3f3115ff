/* Status records: what the launcher says to TypeScript, over a descriptor. Read by src/launch/status.ts; docs/formats.md.
 *
 * Each record: u32 magic "qpS1", u16 kind, u16 version, u32 length of the text, u32 child, i64 number, then the text:
 * NUL-separated strings (the bytes as they are for STATUS_OUTPUT). child: whom a record of the process API is about, else
 * 0. Little-endian. */
#ifndef QPOD_STATUS_H
#define QPOD_STATUS_H

#include <stddef.h>
#include <stdint.h>

#define STATUS_MAGIC 0x31537071u
#define STATUS_VERSION 1u
#define STATUS_TEXT_MAX 16384u

enum status_kind {
	STATUS_FAILED = 1,   /* number errno; operation, argument, explanation */
	STATUS_STARTED = 2,  /* number pid; pod id, start time in decimal */
	STATUS_FACT = 3,     /* number a value; key, value: what `qpod explain` shows */
	STATUS_NOTE = 4,     /* a line of progress */

	/* Of a child of the process API; STATUS_FAILED is its set-up's. */
	STATUS_NOT_RUN = 5,  /* number errno of exec; program, explanation */
	STATUS_PIPES = 6,    /* number pid that holds them; number in the child, descriptor of that pid, and so on */
	STATUS_WAITING = 7,  /* at OP_HANDSHAKE */
	STATUS_RUNS = 8,     /* number pid; it has become the program */
	STATUS_DAEMON = 9,   /* number pid */
	STATUS_OUTPUT = 10,  /* number of its descriptor; the bytes */
	STATUS_CLOSED = 11,  /* number of its descriptor */
	STATUS_ENDED = 12,   /* number as wait(2) has it */
};

struct status_header {
	uint32_t magic;
	uint16_t kind;
	uint16_t version;
	uint32_t length;
	uint32_t child;
	int64_t number;
};

/* The child that this process writes records about. */
extern uint32_t status_child;

/* Fills in the 24 bytes before a text of this length. */
void status_put_header(unsigned char *to, enum status_kind kind, uint32_t child, int64_t number, uint32_t length);

/* Writes one record whole or not at all. strings ends with NULL; text over STATUS_TEXT_MAX is cut. Returns 0 or -errno. */
int status_write(int fd, enum status_kind kind, int64_t number, const char *const *strings);

/* Reads the record at *offset of bytes; 1 read, 0 end, -1 not a whole record of ours. text points into bytes. */
int status_read(const void *bytes, size_t size, size_t *offset, struct status_header *header, const char **text);

#endif
