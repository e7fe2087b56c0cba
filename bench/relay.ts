/**
 * A far link in one process: `relay <port> <round trip ms> <bytes per second>` listens, prints its own port, and passes what comes on to
 * <port> of this machine, after half the round trip and no faster than that, each way.
 */
import { type AddressInfo, connect, createServer, type Socket } from "node:net"

/** What may wait to enter the link; beyond it reading pauses, as at a router whose queue is full. */
const QUEUE_MS = 20

/** Bytes that the far end has not taken, in round trips of the link; beyond it reading pauses, as with a window that is full. */
const WINDOWS = 2

/** Behind the last byte of one way. */
const END = Buffer.alloc(0)

/** One way of one connection. */
class OneWay {
  readonly #from: Socket
  readonly #to: Socket
  readonly #delayMs: number
  readonly #bytesPerMs: number
  readonly #underWay: { readonly chunk: Buffer; readonly arrivesAtMs: number }[] = []
  readonly #windowBytes: number
  /** When the last byte so far is on the link. */
  #enteredAtMs = 0
  #untakenBytes = 0
  #timer: NodeJS.Timeout | undefined

  constructor(from: Socket, to: Socket, link: { readonly delayMs: number; readonly bytesPerMs: number }) {
    this.#from = from
    this.#to = to
    this.#delayMs = link.delayMs
    this.#bytesPerMs = link.bytesPerMs
    this.#windowBytes = WINDOWS * link.bytesPerMs * (2 * link.delayMs + QUEUE_MS)
    from.on("data", (chunk: Buffer) => this.#enter(chunk))
    from.once("end", () => this.#enter(END))
    from.on("error", () => to.destroy())
  }

  #enter(chunk: Buffer): void {
    const nowMs = performance.now()
    this.#enteredAtMs = Math.max(this.#enteredAtMs, nowMs) + chunk.length / this.#bytesPerMs
    this.#underWay.push({ chunk, arrivesAtMs: this.#enteredAtMs + this.#delayMs })
    this.#untakenBytes += chunk.length
    this.#timer ??= setTimeout(() => this.#arrive(), this.#enteredAtMs + this.#delayMs - nowMs)
    if (!this.#isFull) return
    this.#from.pause()
    this.#readAgain()
  }

  get #isFull(): boolean {
    return this.#enteredAtMs - performance.now() >= QUEUE_MS || this.#untakenBytes > this.#windowBytes
  }

  #readAgain(): void {
    if (this.#isFull) setTimeout(() => this.#readAgain(), QUEUE_MS / 4)
    else this.#from.resume()
  }

  #arrive(): void {
    this.#timer = undefined
    const nowMs = performance.now()
    this.#to.cork()
    for (let [next] = this.#underWay; next !== undefined && next.arrivesAtMs <= nowMs; [next] = this.#underWay) {
      this.#underWay.shift()
      const { length } = next.chunk
      if (next.chunk === END) this.#to.end()
      else
        this.#to.write(next.chunk, () => {
          this.#untakenBytes -= length
        })
    }
    this.#to.uncork()
    const [next] = this.#underWay
    if (next !== undefined) this.#timer = setTimeout(() => this.#arrive(), next.arrivesAtMs - nowMs)
  }
}

const [port = 0, roundTripMs = 0, bytesPerSecond = 0] = process.argv.slice(2).map(Number)
const link = { delayMs: roundTripMs / 2, bytesPerMs: bytesPerSecond / 1_000 }
const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
  const far = connect({ host: "127.0.0.1", port, noDelay: true, allowHalfOpen: true })
  new OneWay(near, far, link)
  new OneWay(far, near, link)
})
server.listen(0, "127.0.0.1", () => process.stdout.write(`relay on ${(server.address() as AddressInfo).port}\n`))
