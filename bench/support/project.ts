import { writeFileSync } from "node:fs";
import { join } from "node:path";

const FILES = 40;
const FUNCTIONS = 12;

/** A C project that keeps a compiler busy: 40 files, for about two seconds. */
export function writeProject(folder: string, files = FILES): void {
  const names = Array.from({ length: files }, (_, i) => `part${i}`);
  for (const name of names) writeFileSync(join(folder, `${name}.c`), source(name));
  writeFileSync(join(folder, "main.c"), `#include <stdio.h>\nint main(void) { return puts("built") < 0; }\n`);
  const objects = ["main", ...names].map((name) => `${name}.o`).join(" ");
  writeFileSync(
    join(folder, "Makefile"),
    `CFLAGS = -O2\nprogram: ${objects}\n\tgcc -o $@ ${objects}\n%.o: %.c\n\tgcc $(CFLAGS) -c -o $@ $<\n`,
  );
}

function source(name: string): string {
  const functions = Array.from(
    { length: FUNCTIONS },
    (_, i) => `
int ${name}_${i}(const int *values, int count)
{
  int sum = ${i};
  for (int k = 0; k < count; k++) {
    if (values[k] % ${i + 3} == 0) sum += values[k] * ${i + 1};
    else sum ^= values[k] << (${i} % 7);
  }
  return sum > 1000 ? sum - snprintf(NULL, 0, "%d", sum) : (int)strlen("${name}") + sum;
}
`,
  );
  return `#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\n${functions.join("")}`;
}
