import type { Block } from "../swarm/index.js"
import { infoHash } from "../torrent/info-hash.js"
import { createLengths } from "../torrent/lengths.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { createPeerListener, type PeerListener } from "../wire/calls/listener.js"
import type { PeerMessage } from "../wire/codec/messages.js"
import type { PeerConnection } from "../wire/connection/connection.js"
import { Pulse } from "../wire/connection/pulse.js"
import { FakeClock } from "./fake-clock.js"

/** A scripted seeder's answer to a request; undefined for none. */
export type ScriptedAnswer = (block: Block) => Uint8Array | undefined

/** A peer on 127.0.0.1 that claims to have every part of a document, unchokes every peer, and answers as the test sets it. */
export class ScriptedSeeder {
  readonly requests: Block[] = []
  /** Why each of its connections ended, in order. */
  readonly endings: string[] = []
  readonly #answer: ScriptedAnswer
  readonly #connections: PeerConnection[] = []
  #listener: PeerListener | undefined

  private constructor(answer: ScriptedAnswer) {
    this.#answer = answer
  }

  static async listen(torrent: Torrent, answer: ScriptedAnswer): Promise<ScriptedSeeder> {
    const seeder = new ScriptedSeeder(answer)
    const { partCount } = createLengths(torrent.sizeBytes, torrent.partSizeBytes)
    const wanted = Buffer.from(infoHash(torrent))
    seeder.#listener = await createPeerListener({
      host: "127.0.0.1",
      port: 0,
      peerId: Uint8Array.from(Buffer.from("-XX0001-scripted1234")),
      pulse: new Pulse(new FakeClock()),
      lookup: (asked) => (wanted.equals(asked) ? { partCount } : undefined),
      onConnection: (connection) => seeder.#onConnection(connection),
    })
    return seeder
  }

  get port(): number {
    return this.#listener?.port ?? 0
  }

  close(): void {
    this.#listener?.close()
    for (const connection of this.#connections) connection.close("test_over", "the test is over")
  }

  #onConnection(connection: PeerConnection): void {
    this.#connections.push(connection)
    connection.start({
      onMessage: (message) => this.#onMessage(connection, message),
      placeBlock: () => undefined,
      onClose: (reason) => void this.endings.push(reason.kind),
    })
    connection.send({ type: "haveAll" })
    connection.send({ type: "unchoke" })
  }

  #onMessage(connection: PeerConnection, message: PeerMessage): void {
    if (message.type !== "request") return
    const { index, begin, length } = message
    this.requests.push({ index, begin, length })
    const bytes = this.#answer({ index, begin, length })
    if (bytes !== undefined) connection.sendPiece(index, begin, bytes, () => undefined)
  }
}
