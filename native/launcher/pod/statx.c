#define _GNU_SOURCE
#include "statx.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "../base/filter.h"
#include "../base/report.h"

int hide_statx(void)
{
	struct instruction code[] = { LOAD(CALL), IF_EQUAL(SYS_statx, 0, 1), RETURN(FAIL(ENOSYS)), RETURN(ALLOW) };
	struct program program = { sizeof code / sizeof *code, code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, FILTER_MODE, &program) < 0)
		return report_failure("hide a system call", "statx", errno, remedy_for(errno));
	return 0;
}
