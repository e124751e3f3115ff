/* Prepares what a command inherits, and becomes it: caller [OPTION]... -- COMMAND [ARGUMENT]... Dynamic, as shells are. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void must(int result, const char *what)
{
	if (result >= 0)
		return;
	fprintf(stderr, "caller: %s: %s\n", what, strerror(errno));
	exit(99);
}

static char *from_hex(const char *text)
{
	size_t n = strlen(text) / 2;
	char *bytes = calloc(1, n + 1);

	for (size_t i = 0; i < n; i++)
		sscanf(text + 2 * i, "%2hhx", (unsigned char *)bytes + i);
	return bytes;
}

static void limit(int resource, unsigned long soft)
{
	struct rlimit value;

	must(getrlimit(resource, &value), "getrlimit");
	value.rlim_cur = soft;
	must(setrlimit(resource, &value), "setrlimit");
}

/* stdin is one end of a socket, at whose other end the text was written. */
static void give_socket(const char *text)
{
	int ends[2];

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), "socketpair");
	must((int)write(ends[1], text, strlen(text)), "write");
	must(shutdown(ends[1], SHUT_WR), "shutdown");
	must(dup2(ends[0], 0), "dup2");
}

static void give_pipe(const char *text)
{
	int ends[2];

	must(pipe2(ends, O_CLOEXEC), "pipe2");
	must((int)write(ends[1], text, strlen(text)), "write");
	must(dup2(ends[0], 0), "dup2");
}

static void mask(int how, int number)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	must(sigprocmask(how, &set, NULL), "sigprocmask");
}

int main(int argc, char **argv)
{
	static char *more[200000];
	size_t count = 0;
	int at = 1;

	for (; at + 1 < argc && strcmp(argv[at], "--") != 0; at += 2) {
		const char *option = argv[at], *value = argv[at + 1];
		long number = strtol(value, NULL, 0);
		if (strcmp(option, "--umask") == 0)
			umask((mode_t)number);
		else if (strcmp(option, "--nicer") == 0)
			must(setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + (int)number), "setpriority");
		else if (strcmp(option, "--cpu") == 0) {
			cpu_set_t set;
			CPU_ZERO(&set);
			CPU_SET((size_t)number, &set);
			must(sched_setaffinity(0, sizeof set, &set), "sched_setaffinity");
		} else if (strcmp(option, "--ignore") == 0)
			signal((int)number, SIG_IGN);
		else if (strcmp(option, "--block") == 0)
			mask(SIG_BLOCK, (int)number);
		else if (strncmp(option, "--limit-", 8) == 0)
			limit(atoi(option + 8), (unsigned long)number);
		else if (strcmp(option, "--open") == 0) {
			/* 3 to 20, all the same file. */
			int fd = open(value, O_RDWR | O_CREAT, 0600);
			must(fd, value);
			for (int to = 3; to <= 20; to++)
				if (to != fd)
					must(dup2(fd, to), "dup2");
		} else if (strcmp(option, "--close") == 0)
			close((int)number);
		else if (strcmp(option, "--socket") == 0)
			give_socket(value);
		else if (strcmp(option, "--stderr-to") == 0)
			must(dup2((int)number, 2), "dup2");
		else if (strcmp(option, "--pipe") == 0)
			give_pipe(value);
		else if (strcmp(option, "--directory") == 0)
			must(chdir(value), value), setenv("PWD", value, 1);
		else if (strcmp(option, "--remove-directory") == 0) {
			must(mkdir(value, 0700), value);
			must(chdir(value), value);
			must(rmdir(value), value);
		} else if (strcmp(option, "--argument") == 0)
			more[count++] = from_hex(value);
		else if (strcmp(option, "--many") == 0)
			for (long i = 0; i < number; i++)
				must(asprintf(&more[count++], "word-%06ld", i), "asprintf");
		else
			must(-1, option);
	}
	char **words = calloc((size_t)(argc - at) + count + 1, sizeof *words);
	size_t own = (size_t)(argc - at - 1);
	memcpy(words, argv + at + 1, own * sizeof *words);
	memcpy(words + own, more, count * sizeof *words);
	execvp(words[0], words);
	must(-1, words[0]);
}
