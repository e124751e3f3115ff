/** An entry's first operation says which process holds the pod: docs/formats has the layout. */
const FIRST_NUMBER = 32;

export function openOperations(bytes: Uint8Array): { pid: number } {
  return { pid: Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(FIRST_NUMBER, true)) };
}
