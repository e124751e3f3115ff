/* Operation lists: what the launcher does, in order. Written by src/launch/operations.ts; docs/formats.md.
 *
 * header  24 bytes: magic[8] "qpodops\n", u32 version, u32 size of the whole list, u32 count, u32 0
 * then count operations, each a multiple of 8 bytes:
 *   u16 code, u16 string count, u32 size of this operation, u64 number[4],
 *   then per string: u32 length, bytes, NUL, padding to 4.
 * Little-endian throughout. */
#ifndef QPOD_OPERATION_H
#define QPOD_OPERATION_H

#include <stddef.h>
#include <stdint.h>

#define OPERATION_MAGIC "qpodops\n"
#define OPERATION_VERSION 1u
#define OPERATION_NUMBERS 4

/* The numbers are part of the format: never reuse one. */
enum operation_code {
	/* Entering a pod. */
	OP_POD = 1,            /* n0 pid, n1 start time, n2 definition, n3 inode of the mount namespace if it cannot be joined, else 0;
	                        * s0 pod id. Always the first of an entry. */
	OP_JOIN = 2,           /* n0 CLONE_NEW* flags of the pod's namespaces */
	OP_PATH_MAP = 3,       /* s0 prefix on the host, s1 prefix in the pod */
	OP_IDENTITY = 4,       /* n0 uid, n1 gid. When making a pod: one more user namespace, in which its root is this user.
	                        * In an entry: who commands are there, but those with --root join the namespace around it */
	OP_PASS = 5,           /* strings: NAME or PREFIX* of variables that pass from the caller */
	OP_PASS_IF = 6,        /* s0 NAME or PREFIX*, s1... the values that may pass */
	OP_SET = 7,            /* strings: NAME=VALUE; a later one wins, and wins over passing */
	OP_SEARCH = 8,         /* s0 the PATH in the pod */
	OP_LIMIT = 9,          /* n0 RLIMIT_*, n1 the soft and hard limit of commands, but never more than the caller's hard one */
	OP_SERVE = 10,         /* s0 the socket of the pod's process that runs commands for us: those with --root, and all if OP_POD says so */

	/* Making a pod. */
	OP_UNSHARE = 32,       /* n0 CLONE_NEW* flags, but for CLONE_NEWUSER, which is OP_IDS */
	OP_IDS = 33,           /* makes a user namespace and becomes its root; n0 0: one id, written directly, 1: by newuidmap; s0 uid map, s1 gid map: "inside outside count" triples, spaces between */
	OP_PROPAGATION = 34,   /* s0 mount point, n0 MS_* flags */
	OP_MOUNT = 35,         /* s0 source, s1 target, s2 type, s3 data; n0 MS_* flags, n1 OPTION_* */
	OP_BIND = 36,          /* s0 source, s1 target; n0 MS_REC | MS_RDONLY, n1 OPTION_* */
	OP_MKDIR = 37,         /* s0 path; n0 mode, n1 uid, n2 gid in the namespace; parents are made, an existing one is left alone */
	OP_SYMLINK = 38,       /* s0 content, s1 path; an existing one is left alone */
	OP_LINE = 39,          /* s0 file, s1 key, s2 line: appends the line unless one starts with the key */
	OP_PIVOT = 40,         /* s0 new root */
	OP_ENTRY = 41,         /* s0 file to write; s1 an operation list whose OP_POD gets the pid and start time */
	OP_NOTE = 42,          /* s0 what is being done, for a terminal */
	OP_LEAVE = 43,         /* after OP_PIVOT: lets go of the host's root, from which binds take their sources */
	OP_CLAIM = 44,         /* s0 file: a lock on it that is held for as long as this process lives, and tells who holds it */

	/* A handover from `qpod run` and `qpod-shell` to the program in front of Node. */
	OP_ENTER = 64,         /* s0 runtime folder, s1 pod id, s2 directory or empty; n0 index of the command in argv, n1 ENTER_* flags, n2 definition */
	OP_EXEC = 65,          /* s0 program, s1... argv; n0 index in argv of what is appended, 0 for nothing */
	OP_UNSET = 66,         /* strings: names of variables */
	OP_DIRECTORY = 67,     /* s0 where to go on; what was mounted over it since is entered */
	OP_HIDE_STATX = 68,    /* statx fails with ENOSYS from here on: for a tracer that does not know it */

	/* Making a lab: OP_LAB begins what is done once; then lists of hosts, each with what is done in it, and of links. */
	OP_LAB = 160,          /* n0 1: ids by newuidmap; s0 uid map, s1 gid map, or empty: no user namespace. Then, in its namespaces, operations of making a pod */
	OP_LAB_HOST = 161,     /* n0 number; s0 name. What follows, up to the next of these, is done in it */
	OP_LAB_LINKED = 162,   /* in a host: waits until all links are made */
	OP_LAB_UP = 163,       /* in a host: s0... interfaces that are set up, and awaited until packets can pass */
	OP_LAB_ADDRESS = 164,  /* in a host: n0 prefix; s0 interface, s1 4 or 16 bytes */
	OP_LAB_ROUTE = 165,    /* in a host: n0 prefix, n1 RTN_*, n2 metric; s0 interface or empty, s1 4 or 16 bytes, s2 gateway or empty */
	OP_LAB_FILE = 166,     /* in a host: n0 LAB_FILE_*; s0 path, s1 content */
	OP_LAB_SWITCH = 167,   /* n0 mtu or 0; s0 interface name. Outside of all hosts */
	OP_LAB_PAIR = 168,     /* n0, n1 numbers of hosts or LAB_SWITCH, n2 mtu or 0; s0, s1 interfaces there, s2, s3 names of switches or empty */
	OP_LAB_STAY = 169,     /* lives on without its runner */

	/* Starting a child for the process API: what is done in the child, in this order, before it becomes the program. */
	OP_REQUEST = 96,       /* n0 number of the child, n1 REQUEST_*, n2, n3 its arguments; always the first of a request */
	OP_DESCRIPTOR = 97,    /* n0 number in the child, n1 SOURCE_*, n2, n3 its arguments; s0 path or bytes */
	OP_CLOSE_REST = 98,    /* puts the descriptors where they belong and closes all others */
	OP_NEW_SESSION = 99,
	OP_NEW_GROUP = 100,
	OP_DAEMON = 101,       /* a session of its own, and no child of ours any more */
	OP_NICE = 102,         /* n0 the value, as a signed number */
	OP_OOM_SCORE = 103,    /* the same */
	OP_RLIMIT = 104,        /* n0 RLIMIT_*, n1 the soft and hard limit; s0 its name */
	OP_GROUPS = 105,       /* s0 u32 each */
	OP_USER = 106,         /* n0 uid, n1 gid, n2 USER_*, n3 the capabilities that are kept */
	OP_CAPABILITIES = 107, /* n0 a mask: these and no others; n1 0 bounds them (before the user changes), 1 takes them (after) */
	OP_UMASK = 108,        /* n0 */
	OP_FOLDER = 109,    /* s0 */
	OP_APPARMOR = 110,     /* s0 profile */
	OP_SELINUX = 111,      /* s0 label */
	OP_PIDFILE = 112,      /* s0 path */
	OP_WRITE = 113,        /* s0 path of a file that is there, s1 bytes */
	OP_PARENT_DEATH = 114, /* n0 signal that it gets when its parent ends */
	OP_NO_PRIVILEGES = 115, /* set-uid programs give it none */
	OP_IGNORE = 116,       /* n0 signal */
	OP_CHROOT = 117,       /* s0 */
	OP_HANDSHAKE = 118,    /* waits until it is told to go on; never goes on when its parent is gone */
	OP_ARGUMENTS = 119,    /* strings: argv, or more of it */
	OP_SESSION_LAUNCH = 120, /* s0 the session's launcher, which decides where the program runs */
	OP_RUN = 121,          /* s0 program: with a slash as it is, else looked up in PATH. Always the last. */
};

#define LAB_SWITCH 0xffffffffu
#define LAB_FILE_OPTIONAL 1u /* no error when it cannot be written */
#define LAB_FILE_NEW 2u      /* replaces what is there, a link too */

#define REQUEST_SPAWN 1u
#define REQUEST_SIGNAL 2u  /* n2 signal, n3 KILL_* */
#define REQUEST_OPENED 3u  /* the caller has its ends of the pipes */
#define REQUEST_NOTIFY 4u  /* OP_HANDSHAKE may go on */
#define REQUEST_RELEASE 5u /* nobody reads its output any more */

#define KILL_ALONE 0u
#define KILL_TREE 1u     /* all that descends from it too */
#define KILL_GRACE 2u    /* plus milliseconds: the same, and SIGKILL for those that are left then */

#define SOURCE_OURS 0u     /* n2 our descriptor of that number */
#define SOURCE_FILE 1u     /* n2 open(2) flags, n3 mode; s0 path */
#define SOURCE_BYTES 2u    /* s0 what is read from it */
#define SOURCE_SAME 3u     /* n2 number of another one in the child */
#define SOURCE_CAPTURED 4u /* what is written to it comes as STATUS_OUTPUT (by a launcher that stays) */
#define SOURCE_READ 5u     /* a pipe that the caller reads */
#define SOURCE_WRITTEN 6u  /* a pipe that the caller writes */

#define USER_UID 1u
#define USER_GID 2u

#define OPTION_OPTIONAL 1u /* a missing source is no error */
#define OPTION_CREATE 2u   /* make the target (a folder or an empty file, as the source is) */
#define ENTER_ROOT 1u      /* stay root of the pod: OP_IDENTITY is skipped */

struct operation {
	uint16_t code;
	uint16_t strings;
	uint32_t size;
	uint64_t number[OPERATION_NUMBERS];
	const unsigned char *first; /* of the strings */
};

struct operation_list {
	const unsigned char *bytes;
	size_t size;
	uint32_t count;
};

enum operation_fault {
	OPERATION_FINE = 0,
	OPERATION_NOT_OURS,    /* too short or another magic */
	OPERATION_OLDER,
	OPERATION_NEWER,
	OPERATION_TRUNCATED,   /* shorter or longer than it says */
	OPERATION_DAMAGED,     /* an operation or string leaves its bounds */
};

/* Checks the whole list once; after OPERATION_FINE the readers below cannot leave it. */
enum operation_fault operation_open(struct operation_list *list, const void *bytes, size_t size);

/* The operation at *offset (start with 0), moving *offset on; 0 at the end. */
int operation_next(const struct operation_list *list, size_t *offset, struct operation *op);

/* String number i (NUL-terminated in place), or NULL when there are fewer. *length may be NULL. */
const char *operation_string(const struct operation *op, unsigned i, uint32_t *length);

/* All strings at once, at most room; how many. operation_string walks from the first one each time. */
size_t operation_strings(const struct operation *op, const char **out, size_t room);

const char *operation_name(uint16_t code);
const char *operation_fault_text(enum operation_fault fault);

#endif
