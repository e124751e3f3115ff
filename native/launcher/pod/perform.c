#define _GNU_SOURCE
#include "perform.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/first_process.h"
#include "../base/identity.h"
#include "../base/report.h"
#include "claim.h"
#include "mounts.h"
#include "statx.h"

/* Whoever joins a mount namespace lands at its outermost root. Made in a chroot, that is not the pod's: commands would
 * find the system around the chroot. Joining our own namespace anew shows where they would land. */
int check_root(void)
{
	struct stat ours, theirs;
	int fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || stat("/", &ours) < 0 || setns(fd, CLONE_NEWNS) < 0 || stat("/", &theirs) < 0)
		return report_failure("check the pod's root", NULL, errno, remedy_for(errno));
	close(fd);
	if (ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino)
		return 0;
	return report_failure("make a pod in a chroot", NULL, 0, "Run qpod outside of it, or enter the system with its own mount namespace (unshare --mount, pivot_root).");
}

int perform_operation(const struct operation *op)
{
	const char *first = operation_string(op, 0, NULL), *second = operation_string(op, 1, NULL);

	switch (op->code) {
	case OP_UNSHARE:
		if (unshare((int)op->number[0]) < 0)
			return report_failure("make namespaces", NULL, errno, remedy_for(errno));
		return 0;
	case OP_IDS:
		return make_user_namespace(first ? first : "", second ? second : "", op->number[0] != 0);
	case OP_PROPAGATION:
		return set_propagation(op);
	case OP_MOUNT:
		return mount_filesystem(op);
	case OP_BIND:
		return bind_mount(op);
	case OP_MKDIR:
		return make_folder(op);
	case OP_SYMLINK:
		return make_symlink(op);
	case OP_LINE:
		return ensure_line(op);
	case OP_PIVOT:
		return pivot(op);
	case OP_CHROOT:
		return first && chroot(first) == 0 ? 0 : report_failure("change the root to", first, errno, remedy_for(errno));
	case OP_HIDE_STATX:
		return hide_statx();
	case OP_CLAIM:
		return claim_layers(first);
	case OP_LEAVE:
		return drop_host_view() < 0 || check_root() < 0 ? -1 : 0;
	case OP_IDENTITY:
		return make_user_identity((uid_t)op->number[0], (gid_t)op->number[1]);
	case OP_ENTRY:
	case OP_NOTE:
		return 0;
	default:
		return report_failure("perform the operation", operation_name(op->code), EINVAL,
			"The pod's start file is of another version of qpod: delete it, it is made again.");
	}
}
