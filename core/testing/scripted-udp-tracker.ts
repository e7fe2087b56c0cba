import { createSocket, type Socket } from "node:dgram"
import { once } from "node:events"

const CONNECT_BYTES = 16

/** A UDP tracker for tests (BEP 15): answers from memory, records announces, and misbehaves on demand. */
export class ScriptedUdpTracker {
  /** The announce requests as they came. */
  readonly announces: Buffer[] = []
  /** In compact form, of the tracker's family. */
  peers: Uint8Array = new Uint8Array(0)
  /** Instead of an answer to an announce. */
  refusal: string | undefined
  /** Sends the right answers to announces from another port than the one that was asked. */
  answersFromElsewhere = false
  /** Sent before each right answer. */
  before: ((request: Buffer) => Uint8Array | undefined) | undefined
  readonly #socket: Socket
  readonly #elsewhere: Socket
  readonly #connectionId = Buffer.from("c0ffee00deadbeef", "hex")

  private constructor(socket: Socket) {
    this.#socket = socket
    this.#elsewhere = createSocket(socket.address().family === "IPv6" ? "udp6" : "udp4")
    socket.on("message", (request, from) => {
      const forged = this.before?.(request)
      if (forged !== undefined) socket.send(forged, from.port, from.address)
      const answer = this.#answerTo(request)
      if (answer === undefined) return
      const isElsewhere = this.answersFromElsewhere && request.length > CONNECT_BYTES
      if (isElsewhere) this.#elsewhere.send(answer, from.port, from.address)
      else socket.send(answer, from.port, from.address)
    })
  }

  static async start(host: "127.0.0.1" | "::1" = "127.0.0.1"): Promise<ScriptedUdpTracker> {
    const socket = createSocket(host === "::1" ? "udp6" : "udp4")
    socket.bind(0, host)
    await once(socket, "listening")
    return new ScriptedUdpTracker(socket)
  }

  get port(): number {
    return this.#socket.address().port
  }

  async close(): Promise<void> {
    this.#elsewhere.close()
    this.#socket.close()
    await once(this.#socket, "close")
  }

  #answerTo(request: Buffer): Uint8Array | undefined {
    const transaction = request.subarray(12, 16)
    if (request.length === CONNECT_BYTES && request.readBigUInt64BE(0) === 0x41727101980n)
      return Buffer.concat([word(0), transaction, this.#connectionId])
    if (request.length < 98 || !request.subarray(0, 8).equals(this.#connectionId)) return undefined
    this.announces.push(request)
    if (this.refusal !== undefined) return Buffer.concat([word(3), transaction, Buffer.from(this.refusal)])
    return Buffer.concat([word(1), transaction, word(900), word(1), word(2), this.peers])
  }
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
