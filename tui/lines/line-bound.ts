import { Transform, type TransformCallback } from "node:stream"
import { MAX_LINE_BYTES } from "../commands/words.js"

const LINE_FEED = 0x0a

/**
 * Passes lines on, of each at most MAX_LINE_BYTES and one more, which shows that it was longer: the line reader
 * keeps a line until it ends, and a device or a binary file has lines without end.
 */
export class LineBound extends Transform {
  #lineBytes = 0

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    for (let from = 0; from < chunk.length; ) {
      const feed = chunk.indexOf(LINE_FEED, from)
      const end = feed === -1 ? chunk.length : feed
      const taken = Math.min(end - from, MAX_LINE_BYTES + 1 - this.#lineBytes)
      if (taken > 0) this.push(chunk.subarray(from, from + taken))
      this.#lineBytes = feed === -1 ? this.#lineBytes + taken : 0
      if (feed !== -1) this.push(chunk.subarray(feed, feed + 1))
      from = end + 1
    }
    done()
  }
}
