#include "check.h"
#include "../../native/launcher/process/running.h"

#include <unistd.h>

static struct running *start(uint32_t number, pid_t pid, uint32_t *place)
{
	struct running *one = take_place(place);

	*one = (struct running){ .used = 1, .number = number, .pid = pid, .status = -1, .notify = -1 };
	return one;
}

int main(void)
{
	uint32_t first, second, third;
	struct running *one = start(7, 100, &first), *other = start(8, 101, &second);
	int ends[2];

	CHECK("each has a place of its own", first != second && at_place(first) == one && at_place(second) == other);
	CHECK("they are found by their numbers and pids", find_number(8) == other && find_pid(100) == one);
	CHECK("what there is not is not found", !find_number(9) && !find_pid(9) && !at_place(2));

	settle(one);
	CHECK("one that runs keeps its place", at_place(first) == one);
	CHECK("there is a pipe", pipe(ends) == 0);
	one->has_ended = 1;
	one->descriptors = 1;
	one->descriptor[0].far = ends[0];
	settle(one);
	CHECK("so does one whose pipe is open", at_place(first) == one);
	CHECK("though its pid may be another's by now", !find_pid(100));
	close_if_open(&one->descriptor[0].far);
	CHECK("a closed descriptor is no longer one", one->descriptor[0].far == -1);
	one->notify = ends[1];
	settle(one);
	CHECK("then the place is free, and nothing of it open", !at_place(first) && !find_number(7) && one->notify == -1);
	start(9, 102, &third);
	CHECK("and the next one takes it", third == first && find_number(9) == one);
	return finish("running-test");
}
