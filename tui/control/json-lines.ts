import type { Socket } from "node:net"

export interface JsonLinesOptions {
  /** A longer line ends the connection. */
  readonly maxLineBytes: number
  readonly onValue: (value: unknown) => void
  /** Called once, also after an error: nothing comes any more. `fault`: what the other side did wrong. */
  readonly onEnd: (fault: string | undefined) => void
}

/** How long the last lines may take to be read. Our choice. */
const FINISH_MS = 1_000

const LINE_FEED = 0x0a

/** JSON values, one a line, both ways over a socket. */
export class JsonLines {
  readonly #socket: Socket
  readonly #options: JsonLinesOptions
  /** The beginning of a line that has not ended. */
  #begun: Buffer[] = []
  #begunBytes = 0
  /** Whole lines that wait while the reader is held. */
  readonly #lines: Buffer[] = []
  #isHeld = false
  #hasEnded = false

  constructor(socket: Socket, options: JsonLinesOptions) {
    this.#socket = socket
    this.#options = options
    socket.on("data", (chunk: Buffer) => this.#onChunk(chunk))
    // What an error means is the same: the connection has ended, which "close" says.
    socket.on("error", () => socket.destroy())
    socket.once("close", () => this.#end(undefined))
  }

  /** Bytes that the other side has not taken. */
  get waitingBytes(): number {
    return this.#socket.writableLength
  }

  /** Calls `listener` whenever the other side has taken all that waited. */
  onDrained(listener: () => void): void {
    this.#socket.on("drain", listener)
  }

  /** False for a value whose line is longer than `maxBytes`; nothing is sent after the end. */
  send(value: unknown, maxBytes: number): boolean {
    if (this.#hasEnded || !this.#socket.writable) return true
    const line = `${JSON.stringify(value)}\n`
    if (Buffer.byteLength(line) > maxBytes) return false
    this.#socket.write(line)
    return true
  }

  /** While held, no value is handed over, and the other side is not read from. */
  hold(isHeld: boolean): void {
    if (this.#isHeld === isHeld) return
    this.#isHeld = isHeld
    if (isHeld) this.#socket.pause()
    else {
      this.#handOver()
      if (!this.#isHeld) this.#socket.resume()
    }
  }

  /** Ends the connection when all that was sent is out, or its reader is too slow for that. */
  finish(): void {
    this.#socket.end()
    const timer = setTimeout(() => this.#socket.destroy(), FINISH_MS).unref()
    this.#socket.once("close", () => clearTimeout(timer))
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #onChunk(chunk: Buffer): void {
    for (let from = 0; from < chunk.length; ) {
      const feed = chunk.indexOf(LINE_FEED, from)
      const end = feed === -1 ? chunk.length : feed
      this.#begun.push(chunk.subarray(from, end))
      this.#begunBytes += end - from
      if (this.#begunBytes > this.#options.maxLineBytes) {
        this.#handOver()
        return this.#fail("sent a line that is too long")
      }
      if (feed !== -1) {
        this.#lines.push(Buffer.concat(this.#begun))
        this.#begun = []
        this.#begunBytes = 0
      }
      from = end + 1
    }
    this.#handOver()
  }

  #handOver(): void {
    while (!this.#isHeld && !this.#hasEnded) {
      const line = this.#lines.shift()
      if (line === undefined) return
      const value = parsed(line)
      if (value === undefined) return this.#fail("sent a line that is no JSON")
      this.#options.onValue(value)
    }
  }

  #fail(fault: string): void {
    this.#end(fault)
    this.#socket.destroy()
  }

  #end(fault: string | undefined): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#lines.length = 0
    this.#begun = []
    this.#options.onEnd(fault)
  }
}

function parsed(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString("utf8"))
  } catch {
    // Reported as the fault of the other side.
    return undefined
  }
}
