/**
 * A consumer of bytes without a socket: it names the buffer for the next bytes, the reader fills it and reports the byte count. So
 * payload is read straight into its final buffer.
 */
export interface ByteTarget {
  /** Where the next bytes must be put. Never empty while more are wanted; a new view after every `advance`. */
  target(): Uint8Array
  /**
   * The first `byteCount` bytes of the last `target()` are filled, 0 < byteCount <= its length.
   * @throws ProtocolError when they break the protocol; nothing may be fed after that.
   */
  advance(byteCount: number): void
  /**
   * Continues with bytes that it accepted and deferred, if it can defer any.
   * @throws ProtocolError as `advance`
   */
  proceed?(): void
}

/** Copies a chunk into a target; for sockets that deliver chunks in their own buffers. */
export function feed(target: ByteTarget, chunk: Uint8Array): void {
  let offset = 0
  while (offset < chunk.length) offset += feedOnce(target, chunk, offset)
}

/** Copies as much of `chunk` from `offset` on as the target takes at once; returns how many bytes that was. */
export function feedOnce(target: ByteTarget, chunk: Uint8Array, offset: number): number {
  const space = target.target()
  if (space.length === 0) throw new RangeError("a complete target received more bytes")
  const byteCount = Math.min(space.length, chunk.length - offset)
  space.set(chunk.subarray(offset, offset + byteCount))
  target.advance(byteCount)
  return byteCount
}
