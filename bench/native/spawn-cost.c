/* spawn-cost COUNT PROGRAM: starts it COUNT times by posix_spawn, one after the other; nanoseconds each, a line each. */
#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(int argc, char **argv)
{
	for (int left = argc > 2 ? atoi(argv[1]) : 0; left > 0; left--) {
		long long begin = now();
		pid_t pid;
		int status;
		if (posix_spawn(&pid, argv[2], NULL, NULL, argv + 2, environ) != 0 || waitpid(pid, &status, 0) < 0 || status != 0)
			return 1;
		printf("%lld\n", now() - begin);
	}
	return 0;
}
