/** Waits without the event loop, for it is called where tests are cleaned up too; false when patience ends first. */
export function waitUntil(check: () => boolean, patience = 60_000): boolean {
  const deadline = Date.now() + patience;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  while (!check()) {
    if (Date.now() > deadline) return false;
    Atomics.wait(cell, 0, 0, 20);
  }
  return true;
}
