// Adds 1 to the number in a file, so often, under the lock of a module that is given.
import { readFileSync, writeFileSync } from "node:fs";

const [module, lock, file, times] = process.argv.slice(2);
const { withLock } = await import(module);
for (let i = 0; i < Number(times); i++) {
  await withLock(
    lock,
    async () => {
      const number = Number(readFileSync(file, "utf8"));
      await new Promise((resolve) => setTimeout(resolve, 1));
      writeFileSync(file, String(number + 1));
    },
    { timeout: 60_000 },
  );
}
