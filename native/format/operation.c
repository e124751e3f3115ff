/* Reading operation lists. Everything is checked once, so that the steps after it can be short. */
#include "operation.h"
#include "bytes.h"

#define HEADER_SIZE 24u
#define OPERATION_SIZE 40u

/* Size of the strings from p to end, or SIZE_MAX when one leaves it. */
static size_t measure_strings(const unsigned char *p, size_t room, unsigned count)
{
	size_t used = 0;
	for (unsigned i = 0; i < count; i++) {
		if (room - used < 4)
			return SIZE_MAX;
		uint64_t length = bytes_u32(p + used);
		uint64_t whole = (4 + length + 1 + 3) & ~(uint64_t)3;
		if (whole > room - used || p[used + 4 + length] != 0)
			return SIZE_MAX;
		used += whole;
	}
	return used;
}

/* Size of the operation at p, or 0 when it is damaged. */
static size_t measure_operation(const unsigned char *p, size_t room)
{
	if (room < OPERATION_SIZE)
		return 0;
	size_t size = bytes_u32(p + 4);
	if (size < OPERATION_SIZE || size > room || size % 8 != 0)
		return 0;
	size_t strings = measure_strings(p + OPERATION_SIZE, size - OPERATION_SIZE, bytes_u16(p + 2));
	if (strings == SIZE_MAX || ((OPERATION_SIZE + strings + 7) & ~(size_t)7) != size)
		return 0;
	return size;
}

enum operation_fault operation_open(struct operation_list *list, const void *bytes, size_t size)
{
	const unsigned char *p = bytes;
	if (size < HEADER_SIZE || !bytes_equal(p, OPERATION_MAGIC, 8))
		return OPERATION_NOT_OURS;
	uint32_t version = bytes_u32(p + 8);
	if (version != OPERATION_VERSION)
		return version < OPERATION_VERSION ? OPERATION_OLDER : OPERATION_NEWER;
	if (bytes_u32(p + 12) != size)
		return OPERATION_TRUNCATED;
	list->bytes = p;
	list->size = size;
	list->count = bytes_u32(p + 16);
	size_t at = HEADER_SIZE;
	for (uint32_t i = 0; i < list->count; i++) {
		size_t step = measure_operation(p + at, size - at);
		if (step == 0)
			return OPERATION_DAMAGED;
		at += step;
	}
	return at == size ? OPERATION_FINE : OPERATION_DAMAGED;
}

int operation_next(const struct operation_list *list, size_t *offset, struct operation *op)
{
	if (*offset < HEADER_SIZE)
		*offset = HEADER_SIZE;
	if (*offset >= list->size)
		return 0;
	const unsigned char *p = list->bytes + *offset;
	op->code = bytes_u16(p);
	op->strings = bytes_u16(p + 2);
	op->size = bytes_u32(p + 4);
	for (unsigned i = 0; i < OPERATION_NUMBERS; i++)
		op->number[i] = bytes_u64(p + 8 + 8 * i);
	op->first = p + OPERATION_SIZE;
	*offset += op->size;
	return 1;
}

const char *operation_string(const struct operation *op, unsigned i, uint32_t *length)
{
	if (i >= op->strings)
		return NULL;
	const unsigned char *p = op->first;
	for (; i > 0; i--)
		p += ((size_t)bytes_u32(p) + 4 + 1 + 3) & ~(size_t)3;
	if (length)
		*length = bytes_u32(p);
	return (const char *)p + 4;
}

size_t operation_strings(const struct operation *op, const char **out, size_t room)
{
	const unsigned char *p = op->first;
	size_t i;

	for (i = 0; i < op->strings && i < room; i++) {
		out[i] = (const char *)p + 4;
		p += ((size_t)bytes_u32(p) + 4 + 1 + 3) & ~(size_t)3;
	}
	return i;
}

const char *operation_name(uint16_t code)
{
	switch (code) {
	case OP_POD: return "pod";
	case OP_JOIN: return "join";
	case OP_PATH_MAP: return "path-map";
	case OP_IDENTITY: return "identity";
	case OP_PASS: return "pass";
	case OP_PASS_IF: return "pass-if";
	case OP_SET: return "set";
	case OP_SEARCH: return "search";
	case OP_LIMIT: return "limit";
	case OP_SERVE: return "serve";
	case OP_UNSHARE: return "unshare";
	case OP_IDS: return "ids";
	case OP_PROPAGATION: return "propagation";
	case OP_MOUNT: return "mount";
	case OP_BIND: return "bind";
	case OP_MKDIR: return "mkdir";
	case OP_SYMLINK: return "symlink";
	case OP_LINE: return "line";
	case OP_PIVOT: return "pivot";
	case OP_ENTRY: return "entry";
	case OP_NOTE: return "note";
	case OP_LEAVE: return "leave";
	case OP_CLAIM: return "claim";
	case OP_ENTER: return "enter";
	case OP_EXEC: return "exec";
	case OP_UNSET: return "unset";
	case OP_DIRECTORY: return "directory";
	case OP_HIDE_STATX: return "hide-statx";
	case OP_LAB: return "lab";
	case OP_LAB_HOST: return "lab-host";
	case OP_LAB_LINKED: return "lab-linked";
	case OP_LAB_UP: return "lab-up";
	case OP_LAB_ADDRESS: return "lab-address";
	case OP_LAB_ROUTE: return "lab-route";
	case OP_LAB_FILE: return "lab-file";
	case OP_LAB_SWITCH: return "lab-switch";
	case OP_LAB_PAIR: return "lab-pair";
	case OP_LAB_STAY: return "lab-stay";
	case OP_REQUEST: return "request";
	case OP_DESCRIPTOR: return "descriptor";
	case OP_CLOSE_REST: return "close-rest";
	case OP_NEW_SESSION: return "new-session";
	case OP_NEW_GROUP: return "new-group";
	case OP_DAEMON: return "daemon";
	case OP_NICE: return "nice";
	case OP_OOM_SCORE: return "oom-score";
	case OP_RLIMIT: return "rlimit";
	case OP_GROUPS: return "groups";
	case OP_USER: return "user";
	case OP_CAPABILITIES: return "capabilities";
	case OP_UMASK: return "umask";
	case OP_FOLDER: return "folder";
	case OP_APPARMOR: return "apparmor";
	case OP_SELINUX: return "selinux";
	case OP_PIDFILE: return "pidfile";
	case OP_WRITE: return "write";
	case OP_PARENT_DEATH: return "parent-death";
	case OP_NO_PRIVILEGES: return "no-privileges";
	case OP_IGNORE: return "ignore";
	case OP_CHROOT: return "chroot";
	case OP_HANDSHAKE: return "handshake";
	case OP_ARGUMENTS: return "arguments";
	case OP_SESSION_LAUNCH: return "session-launch";
	case OP_RUN: return "run";
	default: return "unknown operation";
	}
}

const char *operation_fault_text(enum operation_fault fault)
{
	switch (fault) {
	case OPERATION_FINE: return "fine";
	case OPERATION_NOT_OURS: return "not an operation list";
	case OPERATION_OLDER: return "written by an older qpod";
	case OPERATION_NEWER: return "written by a newer qpod";
	case OPERATION_TRUNCATED: return "truncated";
	case OPERATION_DAMAGED: return "damaged";
	}
	return "damaged";
}
