/* What a launcher sends to a pod's own process arrives as it was, and what was not sent by one is refused. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../native/launcher/enter/request.h"
#include "check.h"

#define HOLDS(condition) CHECK("the request", condition)

/* What arrives lives as long as the process that serves it. */
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

static int ends[2];

static void open_pair(void)
{
	HOLDS(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
}

static void close_pair(void)
{
	close(ends[0]);
	close(ends[1]);
}

static void fill(struct request *request, char **argv, char **envp)
{
	memset(request, 0, sizeof *request);
	request->errand = (struct errand){ .pod = "old-1", .name = "make", .directory = "/a b\n", .argv = argv, .envp = envp };
	request->state.mask = 027;
	request->state.nice = 5;
	request->state.limit[7].soft = 100;
}

static void test_whole(void)
{
	static struct request sent, got;
	char *argv[] = { "make", "", "-j\xff", NULL }, *envp[] = { "A=", "B=1", NULL };
	int null = open("/dev/null", O_RDONLY);

	open_pair();
	fill(&sent, argv, envp);
	sent.descriptor[0] = null;
	sent.number[0] = 17;
	sent.descriptors = 1;
	HOLDS(send_request(ends[0], &sent) == 0);
	HOLDS(receive_request(ends[1], &got) == 0);
	HOLDS(strcmp(got.errand.pod, "old-1") == 0 && strcmp(got.errand.name, "make") == 0 && strcmp(got.errand.directory, "/a b\n") == 0);
	HOLDS(!got.errand.path && !got.errand.fallback && !got.errand.stay_root);
	HOLDS(strcmp(got.errand.argv[1], "") == 0 && strcmp(got.errand.argv[2], "-j\xff") == 0 && !got.errand.argv[3]);
	HOLDS(strcmp(got.errand.envp[0], "A=") == 0 && strcmp(got.errand.envp[1], "B=1") == 0 && !got.errand.envp[2]);
	HOLDS(got.state.mask == 027 && got.state.nice == 5 && got.state.limit[7].soft == 100);
	HOLDS(got.descriptors == 1 && got.number[0] == 17 && got.descriptor[0] != null);
	HOLDS(fcntl(got.descriptor[0], F_GETFD) == FD_CLOEXEC);
	close(got.descriptor[0]);
	close(null);
	close_pair();
}

static void test_empty_argv(void)
{
	static struct request sent, got;
	char *none[] = { NULL };

	open_pair();
	fill(&sent, none, none);
	HOLDS(send_request(ends[0], &sent) == 0);
	HOLDS(receive_request(ends[1], &got) == 0);
	HOLDS(!got.errand.argv[0] && !got.errand.envp[0] && got.descriptors == 0);
	close_pair();
}

/* The bytes of a request, for tests that damage them. */
static size_t take_bytes(unsigned char *bytes, size_t room)
{
	static struct request sent;
	char *argv[] = { "a", "b", NULL }, *envp[] = { "C=d", NULL };
	ssize_t n;

	open_pair();
	fill(&sent, argv, envp);
	HOLDS(send_request(ends[0], &sent) == 0);
	n = recv(ends[1], bytes, room, MSG_WAITALL | MSG_DONTWAIT);
	close_pair();
	return n > 0 ? (size_t)n : 0;
}

static int receive_bytes(const unsigned char *bytes, size_t size)
{
	static struct request got;
	int error;

	open_pair();
	HOLDS(send(ends[0], bytes, size, 0) == (ssize_t)size);
	shutdown(ends[0], SHUT_WR);
	error = receive_request(ends[1], &got);
	close_pair();
	return error;
}

static void test_damage(void)
{
	static unsigned char whole[4096], bad[sizeof whole];
	size_t size = take_bytes(whole, sizeof whole);

	HOLDS(receive_bytes(whole, size) == 0);
	/* Cut anywhere, it is refused. */
	for (size_t n = 1; n < size; n += n < 64 || n > size - 64 ? 1 : 37)
		HOLDS(receive_bytes(whole, n) == -EPROTO);
	/* The magic, the version, the size and the three counts, each made another. */
	for (size_t at = 0; at < 24; at += 4) {
		memcpy(bad, whole, size);
		bad[at] ^= 1;
		HOLDS(receive_bytes(bad, size) == -EPROTO);
		memcpy(bad, whole, size);
		bad[at + 3] ^= 0x80;
		HOLDS(receive_bytes(bad, size) == -EPROTO);
	}
	/* The last string has no end. */
	memcpy(bad, whole, size);
	bad[size - 1] = 'x';
	HOLDS(receive_bytes(bad, size) == -EPROTO);
}

static void test_too_many_descriptors(void)
{
	static struct request request;
	int fds[REQUEST_DESCRIPTORS + 1], count = 0;

	HOLDS(list_descriptors(&request) == 0 && request.descriptors >= 3);
	while (count <= REQUEST_DESCRIPTORS && (fds[count] = dup(0)) >= 0)
		count++;
	HOLDS(count == REQUEST_DESCRIPTORS + 1 && list_descriptors(&request) == -EMFILE);
	while (count > 0)
		close(fds[--count]);
}

int main(void)
{
	test_whole();
	test_empty_argv();
	test_damage();
	test_too_many_descriptors();
	return finish("request");
}
