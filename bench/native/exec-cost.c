/* What the preload library costs per vfork and exec: two workers, one with it and one without, take turns.
 * exec-cost PRELOAD ROUNDS PROGRAM [ARGUMENT...]: prints the medians and their difference in microseconds. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define BATCH 20

extern char **environ;

/* Processor time of us and our children, which other work on the machine does not lengthen as it does the clock. */
static double now(void)
{
	struct rusage own, children;
	getrusage(RUSAGE_SELF, &own);
	getrusage(RUSAGE_CHILDREN, &children);
	return (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec + children.ru_utime.tv_sec + children.ru_stime.tv_sec) * 1e6
		+ (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec + children.ru_utime.tv_usec + children.ru_stime.tv_usec);
}

static double run_batch(char **argv)
{
	double start = now();
	for (int i = 0; i < BATCH; i++) {
		int status;
		pid_t pid = vfork();
		if (pid == 0) {
			execve(argv[0], argv, environ);
			_exit(127);
		}
		if (waitpid(pid, &status, 0) < 0 || status != 0) {
			fprintf(stderr, "exec-cost: %s ended with %d\n", argv[0], status);
			exit(1);
		}
	}
	return (now() - start) / BATCH;
}

/* On one processor and ahead of the machine's other work, where that is permitted: it only makes figures steadier. */
static void steady(void)
{
	struct sched_param first = { .sched_priority = 1 };
	cpu_set_t one;
	CPU_ZERO(&one);
	CPU_SET((int)sysconf(_SC_NPROCESSORS_ONLN) - 1, &one);
	(void)!sched_setaffinity(0, sizeof one, &one);
	(void)!sched_setscheduler(0, SCHED_FIFO, &first);
}

/* A worker measures one batch for each byte that comes. */
static int work(char **argv)
{
	char go;
	steady();
	while (read(0, &go, 1) == 1) {
		double cost = run_batch(argv);
		if (write(1, &cost, sizeof cost) != sizeof cost)
			return 1;
	}
	return 0;
}

struct worker { int to, from; double *costs; };

static struct worker start_worker(const char *preload, int rounds, char **argv)
{
	int in[2], out[2];
	if (pipe2(in, 02000000) || pipe2(out, 02000000))
		exit(1);
	if (fork() == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		if (preload)
			setenv("LD_PRELOAD", preload, 1);
		argv[0] = "exec-cost";
		argv[1] = "worker";
		execv("/proc/self/exe", argv);
		_exit(127);
	}
	return (struct worker){ in[1], out[0], calloc((size_t)rounds, sizeof(double)) };
}

static void measure(struct worker *worker, int round)
{
	double cost;
	if (write(worker->to, "x", 1) != 1 || read(worker->from, &cost, sizeof cost) != sizeof cost)
		exit(1);
	worker->costs[round] = cost;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static double median(struct worker *worker, int rounds)
{
	qsort(worker->costs, (size_t)rounds, sizeof(double), compare);
	return worker->costs[rounds / 2];
}

int main(int argc, char **argv)
{
	if (argc > 3 && strcmp(argv[1], "worker") == 0)
		return work(argv + 3);
	if (argc < 4)
		return 2;
	const char *preload = argv[1];
	int rounds = atoi(argv[2]);
	struct worker plain = start_worker(NULL, rounds, argv), loaded = start_worker(preload, rounds, argv);
	for (int i = -3; i < rounds; i++) {
		measure(&plain, i < 0 ? 0 : i);
		measure(&loaded, i < 0 ? 0 : i);
	}
	double without = median(&plain, rounds), with = median(&loaded, rounds);
	printf("%.1f %.1f %.1f\n", without, with, with - without);
	return 0;
}
