/* Says what a command sees of its world: probe OUT SUBJECT [ARGUMENT]... writes JSON to the file OUT. Static, so that
 * it runs in every root. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

static FILE *out;

static void tell_text(const char *key, const char *text)
{
	fprintf(out, ",\"%s\":\"", key);
	for (; text && *text; text++)
		fprintf(out, (unsigned char)*text < 0x20 || *text == '"' || *text == '\\' || (unsigned char)*text > 0x7e ? "\\u%04x" : "%c",
			(unsigned char)*text);
	fputc('"', out);
}

static void tell_number(const char *key, long number)
{
	fprintf(out, ",\"%s\":%ld", key, number);
}

static const char *kind_of(int fd)
{
	struct stat info;

	if (fstat(fd, &info) < 0)
		return "closed";
	return S_ISREG(info.st_mode) ? "file" : S_ISFIFO(info.st_mode) ? "pipe" : S_ISSOCK(info.st_mode) ? "socket"
		: isatty(fd) ? "terminal" : S_ISCHR(info.st_mode) ? "device" : "other";
}

/* A line of /proc/self/status. */
static void tell_status(const char *key)
{
	char line[512], value[256];
	FILE *file = fopen("/proc/self/status", "r");

	while (file && fgets(line, sizeof line, file))
		if (strncmp(line, key, strlen(key)) == 0 && line[strlen(key)] == ':' && sscanf(line + strlen(key) + 1, " %255s", value) == 1)
			tell_text(key, value);
	if (file)
		fclose(file);
}

static void tell_file(const char *key, const char *path)
{
	char text[2048] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

	if (n >= 0)
		text[n] = 0;
	if (fd >= 0)
		close(fd);
	tell_text(key, text);
}

static void tell_descriptors(void)
{
	struct stat info;
	const char *comma = "";

	fputs(",\"descriptors\":[", out);
	for (int fd = 0; fd < 256; fd++) {
		if (fd == fileno(out) || fstat(fd, &info) < 0)
			continue;
		/* What a file is, as both sides see it. */
		fprintf(out, "%s\"%d %s %lu\"", comma, fd, kind_of(fd), S_ISREG(info.st_mode) ? (unsigned long)info.st_ino : 0);
		comma = ",";
	}
	fputc(']', out);
}

static void tell_limits(void)
{
	struct rlimit value;

	fputs(",\"limits\":[", out);
	for (int i = 0; i < 16; i++) {
		if (getrlimit(i, &value) < 0)
			value.rlim_cur = value.rlim_max = 0;
		fprintf(out, "%s\"%lld %lld\"", i ? "," : "", (long long)value.rlim_cur, (long long)value.rlim_max);
	}
	fputc(']', out);
}

static int compare_ids(const void *a, const void *b)
{
	return *(const gid_t *)a > *(const gid_t *)b ? 1 : *(const gid_t *)a < *(const gid_t *)b ? -1 : 0;
}

static void tell_ids(void)
{
	gid_t groups[256];
	int n = getgroups(256, groups);

	tell_number("uid", getuid());
	tell_number("gid", getgid());
	qsort(groups, n > 0 ? (size_t)n : 0, sizeof *groups, compare_ids);
	fputs(",\"groups\":[", out);
	for (int i = 0; i < n; i++)
		fprintf(out, "%s%u", i ? "," : "", groups[i]);
	fputc(']', out);
}

static void tell_process(void)
{
	cpu_set_t set;

	tell_number("pid", getpid());
	tell_number("parent", getppid());
	tell_number("leads", getpgrp() == getpid());
	tell_number("group", getpgrp());
	tell_number("session", getsid(0));
	tell_number("foreground", tcgetpgrp(0) == getpgrp());
	tell_number("nice", getpriority(PRIO_PROCESS, 0));
	mode_t mask = umask(0);
	umask(mask);
	tell_number("umask", mask);
	sched_getaffinity(0, sizeof set, &set);
	tell_number("processors", CPU_COUNT(&set));
}

static void tell_place(void)
{
	char directory[4096];

	tell_text("directory", getcwd(directory, sizeof directory) ? directory : strerror(errno));
	tell_text("PWD", getenv("PWD"));
}

static void tell_terminal(void)
{
	struct winsize size = { 0 };
	const char *name = ttyname(0);

	tell_text("terminal", name ? name : "none");
	ioctl(0, TIOCGWINSZ, &size);
	tell_number("rows", size.ws_row);
	tell_number("columns", size.ws_col);
}

static void tell_variables(void)
{
	static const char *const names[] = { "TERM", "LANG", "MAKEFLAGS", "MAKELEVEL", "CC", "CFLAGS", "SOURCE_DATE_EPOCH", "PATH",
		"LD_LIBRARY_PATH", "PYTHONPATH", "LD_PRELOAD", "HOME", "USER" };

	fputs(",\"variables\":{\"_\":\"\"", out);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (getenv(names[i]))
			tell_text(names[i], getenv(names[i]));
	fputc('}', out);
}

static void snapshot(void)
{
	tell_ids();
	tell_process();
	tell_place();
	tell_limits();
	tell_descriptors();
	tell_terminal();
	tell_variables();
	tell_status("SigIgn");
	tell_status("SigBlk");
	tell_status("Seccomp");
	tell_status("NoNewPrivs");
	tell_file("cgroup", "/proc/self/cgroup");
	tell_file("oom", "/proc/self/oom_score_adj");
}

static uint64_t add_to(uint64_t hash, const void *bytes, size_t size)
{
	const unsigned char *at = bytes;

	while (size--)
		hash = (hash ^ *at++) * 0x100000001b3u;
	return hash;
}

static void tell_hash(uint64_t hash)
{
	char text[32];

	snprintf(text, sizeof text, "%016llx", (unsigned long long)hash);
	tell_text("hash", text);
}

static void arguments(int count, char **words)
{
	uint64_t hash = 0xcbf29ce484222325u;

	tell_number("count", count);
	for (int i = 0; i < count; i++)
		hash = add_to(hash, words[i], strlen(words[i]) + 1);
	tell_hash(hash);
}

static char block[1 << 16];

static void write_all(int fd, const char *at, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, at, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			exit(98);
		at += n;
		size -= (size_t)n;
	}
}

static void generate(long long size)
{
	uint64_t state = 88172645463325252u;

	for (; size > 0; size -= (long long)sizeof block) {
		for (size_t i = 0; i < sizeof block / 8; i++) {
			state ^= state << 13;
			state ^= state >> 7;
			state ^= state << 17;
			memcpy(block + 8 * i, &state, 8);
		}
		write_all(1, block, sizeof block);
	}
}

static void take_input(int pass_on)
{
	uint64_t hash = 0xcbf29ce484222325u;
	long long size = 0;
	ssize_t n;

	while ((n = read(0, block, sizeof block)) > 0) {
		size += n;
		if (pass_on)
			write_all(1, block, (size_t)n);
		else
			hash = add_to(hash, block, (size_t)n);
	}
	tell_number("error", n < 0 ? errno : 0);
	tell_number("size", (long)size);
	tell_hash(hash);
	tell_text("kind", kind_of(0));
}

static void say(const char *text)
{
	write_all(1, text, strlen(text));
}

static void say_size(void)
{
	struct winsize size = { 0 };
	char text[64];

	ioctl(0, TIOCGWINSZ, &size);
	snprintf(text, sizeof text, "%d rows, %d columns\n", size.ws_row, size.ws_col);
	say(text);
}

static volatile sig_atomic_t went_on, resized, called;

static void note(int number)
{
	if (number == SIGCONT)
		went_on = 1;
	else if (number == SIGWINCH)
		resized = 1;
	else
		called = 1;
}

/* Until somebody ends it; with "called" as its argument until SIGUSR1 comes. */
static void wait_for_signals(void)
{
	struct sigaction action = { .sa_handler = note };
	sigset_t all, before;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	sigaction(SIGCONT, &action, NULL);
	sigaction(SIGWINCH, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	say("ready\n");
	for (;;) {
		sigsuspend(&before);
		if (went_on)
			say("went on\n"), went_on = 0;
		if (resized)
			say_size(), resized = 0;
		if (called)
			say("called\n"), exit(7);
	}
}

/* What is typed, as a program sees it that takes the terminal over. */
static void read_raw(void)
{
	struct termios before, raw;
	char key = 0;
	int failed = tcgetattr(0, &before);

	raw = before;
	cfmakeraw(&raw);
	tcsetattr(0, TCSANOW, &raw);
	say("took over\r\n");
	fputs(",\"keys\":\"", out);
	while (!failed && read(0, &key, 1) == 1 && key != 'q')
		fprintf(out, "%02x", (unsigned char)key);
	fputc('"', out);
	tcsetattr(0, TCSANOW, &before);
}

/* The slots that a parent make left in its jobserver. */
static void count_slots(void)
{
	const char *flags = getenv("MAKEFLAGS"), *at = flags ? strstr(flags, "--jobserver-auth=") : NULL;
	int ends[2], slots = 0;

	if (!at && flags)
		at = strstr(flags, "--jobserver-fds=");
	tell_number("told", at != NULL);
	if (at && sscanf(strchr(at, '=') + 1, "%d,%d", &ends[0], &ends[1]) == 2 && strcmp(kind_of(ends[0]), "pipe") == 0) {
		struct pollfd ready = { ends[0], POLLIN, 0 };
		char taken[64];
		while (slots < 64 && poll(&ready, 1, 0) == 1 && read(ends[0], taken + slots, 1) == 1)
			slots++;
		write_all(ends[1], taken, (size_t)slots);
	}
	tell_number("slots", slots);
}

static void die_by(int number)
{
	struct rlimit none = { 0, 0 };
	sigset_t set;

	setrlimit(RLIMIT_CORE, &none);
	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(number);
}

int main(int argc, char **argv)
{
	const char *subject = argc > 2 ? argv[2] : "";
	int number = argc > 3 ? atoi(argv[3]) : 0, status = 0;

	out = argc > 1 ? fopen(argv[1], "we") : NULL;
	if (!out)
		return 97;
	fputs("{\"v\":1", out);
	if (strcmp(subject, "snapshot") == 0)
		snapshot();
	else if (strcmp(subject, "arguments") == 0)
		arguments(argc - 3, argv + 3);
	else if (strcmp(subject, "exit") == 0)
		status = number;
	else if (strcmp(subject, "die") == 0)
		die_by(number);
	else if (strcmp(subject, "abort") == 0)
		abort();
	else if (strcmp(subject, "copy") == 0)
		take_input(1);
	else if (strcmp(subject, "input") == 0)
		take_input(0);
	else if (strcmp(subject, "generate") == 0)
		generate(atoll(argv[3]));
	else if (strcmp(subject, "order") == 0)
		for (int i = 0; i < number; i++)
			write_all(1, "o\n", 2), write_all(2, "e\n", 2);
	else if (strcmp(subject, "say") == 0)
		say("said\n");
	else if (strcmp(subject, "endless") == 0)
		for (;;)
			say("y\n");
	else if (strcmp(subject, "read") == 0)
		tell_number("got", read(0, block, 1)), say("had it\n");
	else if (strcmp(subject, "raw") == 0)
		read_raw();
	else if (strcmp(subject, "slots") == 0)
		count_slots();
	else if (strcmp(subject, "tty") == 0) {
		int tty = open("/dev/tty", O_RDWR);
		tell_number("opened", tty >= 0);
		if (tty >= 0)
			write_all(tty, "by the terminal\n", 16);
	} else if (strcmp(subject, "openable") == 0) {
		tell_number("opened", argc > 3 && open(argv[3], O_RDONLY) >= 0);
	} else if (strcmp(subject, "wait") == 0) {
		tell_number("pid", getpid());
		fputs("}\n", out);
		fclose(out);
		wait_for_signals();
	} else
		status = 96;
	fputs("}\n", out);
	return fclose(out) == 0 ? status : 95;
}
