/* The reader of what a launcher asks of the process that serves a pod: of any bytes, and of any texts behind a header that
 * counts them. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* What it reads lives as long as its process: here, as long as one input. */
static void *kept[8];
static unsigned count;

static void *keep(void *block)
{
	if (count == sizeof kept / sizeof *kept)
		abort();
	return kept[count++] = block;
}

#define malloc(size) keep(malloc(size))
#define calloc(number, size) keep(calloc(number, size))
#include "../native/launcher/enter/request.c"
#undef malloc
#undef calloc

static void look_at(const struct request *request)
{
	size_t length = 0;

	for (int i = 0; i < TEXTS; i++)
		length += text_of(&request->errand, i) ? strlen(text_of(&request->errand, i)) : 0;
	for (char **at = request->errand.argv; *at; at++)
		length += strlen(*at);
	for (char **at = request->errand.envp; *at; at++)
		length += strlen(*at);
	if (length > REQUEST_MAX)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct request got, passed;
	int ends[2], null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (size < 5 || null < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		close(null);
		return 0;
	}
	if (data[0] == 0xff) {
		send_bytes(ends[0], data + 1, size - 1);
	} else {
		struct header header = { .magic = MAGIC, .version = REQUEST_VERSION, .size = (uint32_t)size - 4 };
		header.arguments = data[0];
		header.variables = data[1];
		header.missing = data[2];
		header.descriptors = data[3] & 3u;
		passed.descriptors = (int)(header.descriptors);
		for (int i = 0; i < passed.descriptors; i++)
			passed.descriptor[i] = null;
		send_header(ends[0], &header, &passed);
		send_bytes(ends[0], data + 4, size - 4);
	}
	close(ends[0]);
	got.descriptors = 0;
	if (receive_request(ends[1], &got) == 0)
		look_at(&got);
	for (int i = 0; i < got.descriptors; i++)
		close(got.descriptor[i]);
	while (count > 0)
		free(kept[--count]);
	close(ends[1]);
	close(null);
	return 0;
}
