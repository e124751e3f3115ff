#define _GNU_SOURCE
#include "help.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "../base/files.h"
#include "../base/report.h"
#include "../base/runtime.h"

static int is_help_option(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* Words such as "env" "add", joined by dots: the name of the file that the build wrote for them. -1 when no command
 * has such a name, which may lead out of the folder. */
static int name_text(char *const *words, size_t count, char name[PATH_SIZE])
{
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(words[i]);
		if (length == 0 || words[i][strspn(words[i], "abcdefghijklmnopqrstuvwxyz-")] || used + length + 2 > PATH_SIZE)
			return -1;
		if (i > 0)
			name[used++] = '.';
		memcpy(name + used, words[i], length);
		used += length;
	}
	name[used] = 0;
	return 0;
}

/* dist/native/qpod-launch -> dist/help/NAME, open; or -1. */
static int open_text(const char *name, const char *suffix)
{
	char native[PATH_SIZE], folder[PATH_SIZE], path[PATH_SIZE];

	parent_of(native, own_path());
	parent_of(folder, native);
	return join_path(path, folder, "/help/", name, suffix, NULL) < 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
}

static int print_text(int fd)
{
	char text[16384];
	ssize_t n, done;

	if (fd < 0)
		return HELP_ELSEWHERE;
	/* A reader that went away (`qpod --help | head -1`) is no failure. */
	signal(SIGPIPE, SIG_IGN);
	while ((n = read(fd, text, sizeof text)) > 0) {
		for (ssize_t at = 0; at < n; at += done) {
			done = write(1, text + at, (size_t)(n - at));
			if (done < 0 && errno == EPIPE)
				return 0;
			if (done < 0 && errno != EINTR)
				return report_failure("write the help", NULL, errno, NULL), EXIT_QPOD;
			if (done < 0)
				done = 0;
		}
	}
	return 0;
}

int print_help(char *const *words)
{
	char name[PATH_SIZE];
	size_t count = 0;

	while (words[count])
		count++;
	if (count == 1 && strcmp(words[0], "--version") == 0)
		return print_text(open_text("version", ""));
	if (count > 0 && strcmp(words[0], "help") == 0)
		words++, count--;
	else if (count > 0 && is_help_option(words[count - 1]))
		count--;
	else if (count > 0)
		return HELP_ELSEWHERE;
	if (count == 0)
		strcpy(name, "qpod");
	else if (name_text(words, count, name) < 0 || strcmp(name, "qpod") == 0)
		return HELP_ELSEWHERE;
	return print_text(open_text(name, ".txt"));
}
