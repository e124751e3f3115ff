#define _GNU_SOURCE
#include "credentials.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../format/bytes.h"
#include "../base/report.h"

/* As in linux/capability.h, which a libc of its own does not bring. */
#define CAPABILITY_VERSION_3 0x20080522u
struct capability_header {
	uint32_t version;
	int pid;
};
struct capability_data {
	uint32_t effective, permitted, inheritable;
};

#define GROUPS_MAX 1024
#define CAPABILITIES 64

/* The system calls themselves: a libc's functions change the ids of threads too, and a vforked child has its parent's. */

static int set_groups(const struct operation *op)
{
	static uint32_t groups[GROUPS_MAX];
	uint32_t length = 0;
	const unsigned char *bytes = (const unsigned char *)operation_string(op, 0, &length);
	size_t count = length / 4;

	if (count > GROUPS_MAX)
		return report_failure("set the groups", NULL, EINVAL, NULL);
	for (size_t i = 0; i < count; i++)
		groups[i] = bytes_u32(bytes + 4 * i);
	if (syscall(SYS_setgroups, count, groups) < 0)
		return report_failure("set the supplementary groups", NULL, errno, NULL);
	return 0;
}

static int set_user(const struct operation *op)
{
	char text[24];
	long uid = (long)op->number[0], gid = (long)op->number[1];

	if ((op->number[2] & USER_GID) && syscall(SYS_setresgid, gid, gid, gid) < 0) {
		snprintf(text, sizeof text, "%ld", gid);
		return report_failure("become group", text, errno, NULL);
	}
	if (!(op->number[2] & USER_UID))
		return 0;
	/* Else all capabilities go with root's uid, those that are to stay too. */
	if (op->number[3] && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return report_failure("keep capabilities", NULL, errno, NULL);
	if (syscall(SYS_setresuid, uid, uid, uid) < 0) {
		snprintf(text, sizeof text, "%ld", uid);
		return report_failure("become user", text, errno, NULL);
	}
	return 0;
}

/* Without CAP_SETPCAP the set that bounds set-uid programs cannot shrink; then they give nothing at all. */
static int bound(uint64_t allowed)
{
	for (unsigned cap = 0; cap < CAPABILITIES; cap++) {
		if ((allowed >> cap & 1) || prctl(PR_CAPBSET_READ, cap, 0, 0, 0) <= 0)
			continue;
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
			continue;
		if (errno != EPERM || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
			return report_failure("clear the capabilities", NULL, errno, NULL);
		return 0;
	}
	return 0;
}

static int set_capabilities(uint64_t allowed)
{
	struct capability_header header = { .version = CAPABILITY_VERSION_3 };
	struct capability_data data[2];
	char text[24];

	/* Without one for the ambient set a program that is not root's would lose them at exec. */
	prctl(47 /* PR_CAP_AMBIENT */, 4 /* clear all */, 0, 0, 0);
	for (unsigned half = 0; half < 2; half++) {
		uint32_t bits = (uint32_t)(allowed >> (32 * half));
		data[half] = (struct capability_data){ .effective = bits, .permitted = bits, .inheritable = bits };
	}
	snprintf(text, sizeof text, "%llx", (unsigned long long)allowed);
	if (syscall(SYS_capset, &header, data) < 0)
		return report_failure("set the capabilities", text, errno, NULL);
	for (unsigned cap = 0; cap < CAPABILITIES; cap++)
		if ((allowed >> cap & 1) && prctl(47, 2 /* raise */, cap, 0, 0) < 0)
			return report_failure("keep the capabilities", text, errno, NULL);
	return 0;
}

int change_credentials(const struct operation *op)
{
	if (op->code == OP_GROUPS)
		return set_groups(op);
	if (op->code == OP_USER)
		return set_user(op);
	/* Twice: the bounding set while we may, all others once the user is changed. */
	return op->number[1] ? set_capabilities(op->number[0]) : bound(op->number[0]);
}
