/* The system calls that the library makes itself. They do not touch errno, which belongs to the caller. */
#ifndef QPOD_SYS_H
#define QPOD_SYS_H

#include <stddef.h>
#include <stdint.h>

#include "../format/syscall.h"

#if defined(__x86_64__)
enum { NR_openat = 257, NR_close = 3, NR_statx = 332, NR_mmap = 9, NR_munmap = 11, NR_readlinkat = 267, NR_read = 0,
	NR_getcwd = 79, NR_faccessat = 269, NR_geteuid = 107 };
#elif defined(__i386__)
/* mmap2 counts the offset in pages, geteuid32 does not cut the id; both are what the 64-bit ones do. */
enum { NR_openat = 295, NR_close = 6, NR_statx = 383, NR_mmap = 192, NR_munmap = 91, NR_readlinkat = 305, NR_read = 3,
	NR_getcwd = 183, NR_faccessat = 307, NR_geteuid = 201 };
#elif defined(__aarch64__)
enum { NR_openat = 56, NR_close = 57, NR_statx = 291, NR_mmap = 222, NR_munmap = 215, NR_readlinkat = 78, NR_read = 63,
	NR_getcwd = 17, NR_faccessat = 48, NR_geteuid = 175 };
#endif

#if defined(__aarch64__)
#define OPEN_NOFOLLOW 0100000
#else
#define OPEN_NOFOLLOW 0400000
#endif
#define OPEN_NONBLOCK 04000
#define OPEN_CLOEXEC 02000000
#define OPEN_PATH 010000000
#define AT_HERE (-100)
#define AT_NO_FOLLOW 0x100
#define AT_EMPTY 0x1000
#define MODE_TYPE 0170000
#define MODE_FILE 0100000
#define MODE_FOLDER 0040000

enum {
	ERR_NO_ENTRY = 2, ERR_TOO_BIG = 7, ERR_AGAIN = 11, ERR_NO_MEMORY = 12, ERR_ACCESS = 13, ERR_NO_DEVICE = 19,
	ERR_NOT_FOLDER = 20, ERR_INVALID = 22, ERR_NAME_TOO_LONG = 36, ERR_NO_CALL = 38, ERR_LOOP = 40,
	ERR_TIMED_OUT = 110, ERR_STALE = 116,
};

#define PATH_ROOM 4096

/* struct statx, the one stat that is laid out the same on every processor. */
struct sys_stat {
	uint32_t mask, block_size;
	uint64_t attributes;
	uint32_t links, uid, gid;
	uint16_t mode, pad;
	uint64_t inode, size, blocks, attributes_mask;
	uint64_t times[8];
	uint32_t device[4];
	uint64_t more[14];
};
_Static_assert(sizeof(struct sys_stat) == 256, "struct statx has 256 bytes");

/* openat2 has one number everywhere. Kernels before 5.6 and some sandboxes do not have it: any error means "ask otherwise". */
static inline long sys_open_without_links(const char *path, int flags)
{
	struct { unsigned long long flags, mode, resolve; } how = { (unsigned)(flags | OPEN_CLOEXEC), 0, 4 /* RESOLVE_NO_SYMLINKS */ };
	return syscall_raw(437, AT_HERE, (long)path, (long)&how, sizeof how, 0, 0);
}

static inline long sys_open(const char *path, int flags)
{
	return syscall_raw(NR_openat, AT_HERE, (long)path, flags | OPEN_CLOEXEC, 0, 0, 0);
}

static inline long sys_read(int fd, void *to, size_t size)
{
	return syscall_raw(NR_read, fd, (long)to, (long)size, 0, 0, 0);
}

static inline void sys_close(int fd)
{
	syscall_raw(NR_close, fd, 0, 0, 0, 0, 0);
}

static inline long sys_stat_at(int fd, const char *path, int flags, struct sys_stat *info)
{
	return syscall_raw(NR_statx, fd, (long)path, flags, 0x7ff, (long)info, 0);
}

static inline int sys_same_file(const struct sys_stat *a, const struct sys_stat *b)
{
	return a->inode == b->inode && a->device[2] == b->device[2] && a->device[3] == b->device[3];
}

static inline long sys_map(size_t size, int protection, int flags, int fd)
{
	return syscall_raw(NR_mmap, 0, (long)size, protection, flags, fd, 0);
}

static inline void sys_unmap(const void *at, size_t size)
{
	syscall_raw(NR_munmap, (long)at, (long)size, 0, 0, 0, 0);
}

/* Addresses of the kernel's errors are the last page. */
static inline int sys_failed(long result)
{
	return (unsigned long)result > -4096ul;
}

static inline long sys_read_link(const char *path, char *text, size_t room)
{
	return syscall_raw(NR_readlinkat, AT_HERE, (long)path, (long)text, (long)room, 0, 0);
}

static inline long sys_current_directory(char *text, size_t room)
{
	return syscall_raw(NR_getcwd, (long)text, (long)room, 0, 0, 0, 0);
}

static inline long sys_may_execute(const char *path)
{
	return syscall_raw(NR_faccessat, AT_HERE, (long)path, 1, 0, 0, 0);
}

static inline uint32_t sys_user(void)
{
	return (uint32_t)syscall_raw(NR_geteuid, 0, 0, 0, 0, 0, 0);
}

static inline void sys_write(int fd, const char *text, size_t length)
{
	syscall_raw(NR_write, fd, (long)text, (long)length, 0, 0, 0);
}

#endif
