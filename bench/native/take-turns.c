/* Times variants of a command against each other. Each has a worker process of its own that vforks and execs it;
 * the workers take turns, forth and back (A B, B A), so that what drifts on the machine is the same for all.
 *
 * take-turns ROUNDS { --variant [OPTION=VALUE]... -- PROGRAM [ARGUMENT]... }...
 *   batch=N     times per turn (1)              jobs=N     so many at once (1)
 *   every=N     takes part in each Nth round    before=SH  a shell command ahead of each turn, not timed
 *   root=DIR    chroot                          cwd=DIR    working directory, within root
 *   user=U:G    become this user                ahead=1    before the machine's other work, where we may
 *   pin=1       on one processor: for what does one thing at a time
 *   set=NAME=VALUE, unset=NAME                  of the worker, thus of the program too
 *
 * Prints for each variant the nanoseconds per command, one number a turn: by the clock and of processor time. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

struct turn { double wall, processor; int failed, status; };

struct variant {
	int batch, jobs, every, ahead, pin, to, from, turns;
	const char *before, *root, *cwd, *user;
	char **first, **argv;
	struct turn *results;
};

static _Noreturn void die(const char *what, const char *which)
{
	fprintf(stderr, "take-turns: %s %s: %s\n", what, which, strerror(errno));
	exit(1);
}

static const char *value_of(const char *word, const char *option)
{
	size_t n = strlen(option);
	return strncmp(word, option, n) == 0 ? word + n : NULL;
}

/* The words up to `--`; the program follows. */
static void read_options(struct variant *v, char **words)
{
	const char *value;

	*v = (struct variant){ .batch = 1, .jobs = 1, .every = 1, .first = words };
	for (; *words && strcmp(*words, "--") != 0; words++) {
		if ((value = value_of(*words, "batch=")))
			v->batch = atoi(value);
		else if ((value = value_of(*words, "jobs=")))
			v->jobs = atoi(value);
		else if ((value = value_of(*words, "every=")))
			v->every = atoi(value);
		else if ((value = value_of(*words, "ahead=")))
			v->ahead = atoi(value);
		else if ((value = value_of(*words, "pin=")))
			v->pin = atoi(value);
		else if ((value = value_of(*words, "before=")))
			v->before = value;
		else if ((value = value_of(*words, "root=")))
			v->root = value;
		else if ((value = value_of(*words, "cwd=")))
			v->cwd = value;
		else if ((value = value_of(*words, "user=")))
			v->user = value;
		else if (!value_of(*words, "set=") && !value_of(*words, "unset=")) {
			errno = EINVAL;
			die("option", *words);
		}
	}
	if (!*words || !words[1]) {
		errno = EINVAL;
		die("a variant without", "a program");
	}
	v->argv = words + 1;
}

static double seconds_of(struct timeval t)
{
	return (double)t.tv_sec * 1e9 + (double)t.tv_usec * 1e3;
}

static double processor_time(void)
{
	struct rusage own, children;

	getrusage(RUSAGE_SELF, &own);
	getrusage(RUSAGE_CHILDREN, &children);
	return seconds_of(own.ru_utime) + seconds_of(own.ru_stime) + seconds_of(children.ru_utime) + seconds_of(children.ru_stime);
}

static double wall_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void reap(struct turn *turn)
{
	int status;

	while (wait(&status) < 0)
		if (errno != EINTR)
			die("wait", "");
	if (status != 0) {
		turn->failed++;
		turn->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
}

static struct turn take_turn(const struct variant *v)
{
	struct turn turn = { 0 };
	double wall = wall_time(), processor = processor_time();
	int running = 0;

	for (int i = 0; i < v->batch; i++) {
		pid_t pid;
		if (running == v->jobs) {
			reap(&turn);
			running--;
		}
		pid = vfork();
		if (pid == 0) {
			execve(v->argv[0], v->argv, environ);
			_exit(127);
		}
		if (pid < 0)
			die("vfork for", v->argv[0]);
		running++;
	}
	for (; running > 0; running--)
		reap(&turn);
	turn.wall = (wall_time() - wall) / v->batch;
	turn.processor = (processor_time() - processor) / v->batch;
	return turn;
}

/* Both only make the figures steadier: where they are not permitted it goes without. */
static void choose_processor(const struct variant *v)
{
	struct sched_param param = { .sched_priority = 1 };
	/* A command that spins while it is ahead of all others would take the machine with it: microseconds. */
	struct rlimit longest = { 1000000, 1000000 };
	cpu_set_t allowed, last;

	if (v->ahead && setrlimit(RLIMIT_RTTIME, &longest) == 0)
		(void)!sched_setscheduler(0, SCHED_FIFO, &param);
	if (!v->pin || sched_getaffinity(0, sizeof allowed, &allowed) < 0)
		return;
	CPU_ZERO(&last);
	for (int i = CPU_SETSIZE - 1; i >= 0 && CPU_COUNT(&last) == 0; i--)
		if (CPU_ISSET(i, &allowed))
			CPU_SET(i, &last);
	(void)!sched_setaffinity(0, sizeof last, &last);
}

static void become(const char *user)
{
	char *end;
	uid_t uid = (uid_t)strtoul(user, &end, 10);
	gid_t gid = *end == ':' ? (gid_t)strtoul(end + 1, NULL, 10) : uid;

	if (setgroups(1, &gid) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		die("become the user", user);
}

/* One turn for each byte that comes. */
static int work(char **words)
{
	struct variant v;
	int control = fcntl(0, F_DUPFD_CLOEXEC, 3), answer = fcntl(1, F_DUPFD_CLOEXEC, 3), null = open("/dev/null", O_RDWR);
	char go;

	read_options(&v, words);
	dup2(null, 0);
	dup2(null, 1);
	close(null);
	choose_processor(&v);
	if (v.root && chroot(v.root) < 0)
		die("chroot", v.root);
	if (v.user)
		become(v.user);
	if (chdir(v.cwd ? v.cwd : v.root ? "/" : ".") < 0)
		die("chdir", v.cwd ? v.cwd : "/");
	while (read(control, &go, 1) == 1) {
		struct turn turn = take_turn(&v);
		if (write(answer, &turn, sizeof turn) != sizeof turn)
			return 1;
	}
	return 0;
}

/* Started anew and not only forked: a library in LD_PRELOAD is to be loaded by the worker as well. */
static void start_worker(struct variant *v)
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		die("pipe for", v->argv[0]);
	pid_t pid = fork();
	if (pid < 0)
		die("fork for", v->argv[0]);
	if (pid == 0) {
		size_t n = 0;
		while (v->first[n])
			n++;
		char *words[n + 3];
		words[0] = "take-turns";
		words[1] = "worker";
		memcpy(words + 2, v->first, (n + 1) * sizeof *words);
		for (char **word = v->first; strcmp(*word, "--") != 0; word++) {
			const char *set = value_of(*word, "set="), *unset = value_of(*word, "unset=");
			if (set)
				putenv((char *)set);
			if (unset)
				unsetenv(unset);
		}
		dup2(in[0], 0);
		dup2(out[1], 1);
		execv("/proc/self/exe", words);
		die("exec", "worker");
	}
	close(in[0]);
	close(out[1]);
	v->to = in[1];
	v->from = out[0];
}

static void measure(struct variant *v, int keep)
{
	struct turn turn;

	if (v->before && system(v->before) != 0) {
		errno = ECHILD;
		die("failed:", v->before);
	}
	if (write(v->to, "x", 1) != 1 || read(v->from, &turn, sizeof turn) != sizeof turn)
		die("no answer from the worker of", v->argv[0]);
	if (keep)
		v->results[v->turns++] = turn;
}

static void print(const struct variant *v, int last)
{
	int failed = 0, status = 0;

	for (int i = 0; i < v->turns; i++) {
		failed += v->results[i].failed;
		if (v->results[i].status)
			status = v->results[i].status;
	}
	printf("{\"failed\":%d,\"status\":%d,\"wall\":[", failed, status);
	for (int i = 0; i < v->turns; i++)
		printf("%s%.0f", i ? "," : "", v->results[i].wall);
	printf("],\"processor\":[");
	for (int i = 0; i < v->turns; i++)
		printf("%s%.0f", i ? "," : "", v->results[i].processor);
	printf("]}%s", last ? "]\n" : ",\n");
}

int main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "worker") == 0)
		return work(argv + 2);
	int rounds = argc > 1 ? atoi(argv[1]) : 0, count = 0;
	struct variant variants[argc];
	/* Each variant's words end where the next begins. */
	for (int i = argc - 1; i > 1; i--) {
		if (strcmp(argv[i], "--variant") != 0)
			continue;
		argv[i] = NULL;
		read_options(&variants[count++], argv + i + 1);
	}
	for (int i = 0; i < count / 2; i++) {
		struct variant other = variants[i];
		variants[i] = variants[count - 1 - i];
		variants[count - 1 - i] = other;
	}
	if (rounds < 1 || count == 0) {
		fprintf(stderr, "usage: take-turns ROUNDS { --variant [OPTION=VALUE]... -- PROGRAM [ARGUMENT]... }...\n");
		return 2;
	}
	for (int i = 0; i < count; i++) {
		variants[i].results = calloc((size_t)rounds, sizeof(struct turn));
		start_worker(&variants[i]);
	}
	/* The first round warms up and is not kept. */
	for (int round = -1; round < rounds; round++)
		for (int i = 0; i < count; i++) {
			struct variant *v = &variants[round % 2 ? count - 1 - i : i];
			if (round < 0 || round % v->every == 0)
				measure(v, round >= 0);
		}
	printf("[");
	for (int i = 0; i < count; i++)
		print(&variants[i], i == count - 1);
	return 0;
}
