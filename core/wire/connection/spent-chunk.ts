import { MessageChannel, type MessagePort } from "node:worker_threads"

/** Smaller chunks cost less to collect than to give back (our choice). */
const LEAST_BYTES = 16 * 1024

let closedPort: MessagePort | undefined

/**
 * Frees the memory of a chunk that an accepted socket delivered, once its last byte was copied. Node allocates 64 KiB for each, and as garbage
 * they cause a collection of the whole heap every few dozen MiB (measured: an eighth of a downloader's CPU time among four). The
 * chunk is empty afterwards.
 */
export function freeChunk(chunk: Uint8Array): void {
  const { buffer, byteOffset, length } = chunk
  // A part of a buffer that others use too, such as Node's pool of small ones, does not end with it.
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < LEAST_BYTES) return
  if (byteOffset + length !== buffer.byteLength) return
  // Node 22 and later.
  if ("transfer" in buffer && typeof buffer.transfer === "function") buffer.transfer(0)
  else portToNobody().postMessage(undefined, [buffer])
}

/** What is transferred to a closed port is taken from the sender and dropped. */
function portToNobody(): MessagePort {
  if (closedPort === undefined) {
    closedPort = new MessageChannel().port1
    closedPort.close()
  }
  return closedPort
}
