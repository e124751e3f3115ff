#define _GNU_SOURCE
#include "pretend.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../base/filter.h"
#include "../base/report.h"

/* AUDIT_ARCH_* of <linux/audit.h>: this machine, and its 32-bit programs, whose calls have other numbers. musl comes
 * without the kernel's headers. */
#if defined __x86_64__
#define AUDIT_NATIVE 0xc000003e
#define AUDIT_SMALL 0x40000003
#elif defined __aarch64__
#define AUDIT_NATIVE 0xc00000b7
#define AUDIT_SMALL 0x40000028
#endif

#ifdef AUDIT_NATIVE

static const unsigned native_calls[] = {
#ifdef SYS_chown
	SYS_chown, SYS_lchown, SYS_mknod,
#endif
	SYS_fchown, SYS_fchownat, SYS_mknodat, SYS_setgroups, SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid,
	SYS_setresuid, SYS_setresgid, SYS_setfsuid, SYS_setfsgid,
};

/* lchown, chown, fchown, fchownat, mknod, mknodat, setgroups, setuid and their kin, each with its 16- and 32-bit form;
 * i386 and arm have the same numbers up to 255. */
static const unsigned small_calls[] = {
	14, 16, 23, 46, 70, 71, 81, 95, 138, 139, 164, 170, 182, 198, 203, 204, 206, 207, 208, 210, 212, 213, 214, 215, 216,
#if defined __x86_64__
	297, 298,
#else
	324, 325,
#endif
};

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* "If the call is one of these, say that it worked; any other is made." Returns where the next instruction goes. */
static struct instruction *add_calls(struct instruction *at, const unsigned *calls, size_t count)
{
	*at++ = (struct instruction)LOAD(CALL);
	for (size_t i = 0; i < count; i++)
		*at++ = (struct instruction)IF_EQUAL(calls[i], (uint8_t)(count - i), 0);
	*at++ = (struct instruction)RETURN(ALLOW);
	*at++ = (struct instruction)RETURN(FAIL(0));
	return at;
}

static int install_filter(void)
{
	struct instruction code[COUNT(native_calls) + COUNT(small_calls) + 10], *at = code;
	struct program program = { .code = code };

	*at++ = (struct instruction)LOAD(ARCHITECTURE);
	*at++ = (struct instruction)IF_EQUAL(AUDIT_NATIVE, 0, COUNT(native_calls) + 3);
	at = add_calls(at, native_calls, COUNT(native_calls));
	*at++ = (struct instruction)IF_EQUAL(AUDIT_SMALL, 1, 0);
	*at++ = (struct instruction)RETURN(ALLOW);
	at = add_calls(at, small_calls, COUNT(small_calls));
	program.count = (uint16_t)(at - code);
	/* A kernel without filters is no worse than one id alone already is. */
	if (prctl(PR_SET_SECCOMP, FILTER_MODE, &program) < 0 && errno != EINVAL)
		return report_failure("pretend that files have other owners", NULL, errno, NULL);
	return 0;
}

static int has_one_id(void)
{
	char text[128];
	unsigned inside, outside, count, more;
	int fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = 0;
	return sscanf(text, "%u %u %u %u", &inside, &outside, &count, &more) == 3 && count == 1;
}

int pretend_other_ids(void)
{
	return has_one_id() ? install_filter() : 0;
}

#else

int pretend_other_ids(void)
{
	return 0;
}

#endif
