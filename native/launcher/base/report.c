#include "report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../format/status.h"
#include "visible.h"

int report_fd = -1;

/* One write, so that messages of parallel jobs do not interleave. */
static void write_text(const char *text, size_t length)
{
	while (length > 0) {
		ssize_t n = write(2, text, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		text += n;
		length -= (size_t)n;
	}
}

/* Names in it may be the work of others: nothing that a terminal would obey gets through. */
void report_text(const char *remedy, const char *format, ...)
{
	char text[8192], out[8192];
	va_list arguments;
	size_t n, most = sizeof out - 1;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	if (report_fd >= 0) {
		snprintf(out, sizeof out, "%s%s%s", text, remedy ? "\n" : "", remedy ? remedy : "");
		status_write(report_fd, STATUS_FAILED, 0, (const char *[]){ "enter the environment", "", out, NULL });
		return;
	}
	n = (size_t)snprintf(out, sizeof out, "qpod: ");
	n += make_visible(out + n, most - n, text);
	if (remedy && n + 4 < most) {
		n += (size_t)snprintf(out + n, most - n, "\n  ");
		n += make_visible(out + n, most - n, remedy);
	}
	out[n++] = '\n';
	write_text(out, n);
}

int report_failure(const char *operation, const char *argument, int error, const char *remedy)
{
	if (!argument)
		argument = "";
	if (report_fd >= 0) {
		const char *strings[] = { operation, argument, remedy ? remedy : "", NULL };
		status_write(report_fd, STATUS_FAILED, error, strings);
	} else if (error) {
		report_text(remedy, "cannot %s%s%s: %s", operation, *argument ? " " : "", argument, strerror(error));
	} else {
		report_text(remedy, "cannot %s%s%s", operation, *argument ? " " : "", argument);
	}
	errno = error;
	return -1;
}

const char *remedy_for(int error)
{
	switch (error) {
	case EPERM:
	case EACCES:
		return "This system restricts namespaces: `qpod doctor` says which setting and what to do.";
	case ENOSPC:
	case EUSERS:
		return "A limit on namespaces or the disk is used up: see `sysctl user.max_user_namespaces`, `df` and `qpod gc`.";
	case EMFILE:
	case ENFILE:
		return "Too many open files: raise `ulimit -n`.";
	case ESTALE:
	case EINVAL:
		return "`qpod doctor` checks what this kernel can do.";
	case EXDEV:
		return "A link in the root filesystem leads out of it.";
	default:
		return NULL;
	}
}
