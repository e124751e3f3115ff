#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "../../native/format/reach.h"

static const char *interpreter;

static enum reach of_text(const char *text)
{
	static unsigned char room[REACH_ROOM];
	interpreter = NULL;
	memcpy(room, text, strlen(text));
	return find_reach(room, strlen(text), &interpreter);
}

static enum reach of_file(const char *path)
{
	unsigned char room[REACH_ROOM];
	int fd = open(path, O_RDONLY);
	ssize_t size = read(fd, room, sizeof room);
	close(fd);
	return size > 0 ? find_reach(room, (size_t)size, &interpreter) : (enum reach)-1;
}

/* Whatever the header says, nothing behind the bytes is read: the sanitizer would tell. */
static int survives_damage(void)
{
	unsigned char *exact;
	for (size_t size = 0; size < 200; size++) {
		for (unsigned fill = 0; fill < 256; fill += 15) {
			exact = malloc(size ? size : 1);
			memset(exact, (int)fill, size);
			memcpy(exact, "\177ELF\2", size < 5 ? size : 5);
			find_reach(exact, size, &interpreter);
			free(exact);
		}
	}
	return 1;
}

int main(void)
{
	CHECK("a dynamic program", of_file("/bin/sh") == REACH_YES);
	CHECK("a static program", of_file("dist/native/qpod-launch") == REACH_NO);
	CHECK("a script", of_text("#!/bin/sh -e\n") == REACH_SCRIPT && strcmp(interpreter, "/bin/sh") == 0);
	CHECK("a script with blanks", of_text("#! \t/bin/sh\nx") == REACH_SCRIPT && strcmp(interpreter, "/bin/sh") == 0);
	CHECK("a script whose first line does not end", of_text("#!/bin/sh") == REACH_YES);
	CHECK("text", of_text("echo hello\n") == REACH_YES);
	CHECK("nothing", of_text("") == REACH_YES);
	CHECK("a header alone", of_text("\177ELF\2") == REACH_YES);
	CHECK("damaged headers", survives_damage());
	return finish("reach");
}
