import { createHash, randomUUID } from "node:crypto"

/** A number of documents with as many peers each, all on 127.0.0.1 distinguished by their ports. */
export interface SwarmShape {
  readonly documents: number
  readonly peers: number
}

/** The two loads of the issue: many small swarms and some large ones, 50,000 peers each. */
export const SHAPES: readonly SwarmShape[] = [
  { documents: 1_000, peers: 50 },
  { documents: 10, peers: 5_000 },
]

export interface Swarms extends SwarmShape {
  readonly hashes: readonly string[]
}

export function nameSwarms(shape: SwarmShape): Swarms {
  return { ...shape, hashes: Array.from({ length: shape.documents }, () => randomUUID()) }
}

const FIRST_PORT = 1_000

/** POST /hash of every document. */
export function registrations({ hashes }: Swarms): Buffer[] {
  return hashes.map((hash) => post("/hash", { hash, listening_host: "0.0.0.0", listening_port: FIRST_PORT }))
}

/** POST /peers of every peer; every tenth is a seeder. */
export function jsonAnnounces(swarms: Swarms): Buffer[] {
  return eachPeer(swarms, (hash, port, left) =>
    post("/peers", { hash, listening_host: "0.0.0.0", listening_port: port, left }),
  )
}

/** GET /announce of every peer as BitTorrent clients send it. `more` goes first into the query. */
export function bep3Announces(swarms: Swarms, more: (hash: string) => string): Buffer[] {
  return eachPeer(swarms, (hash, port, left) => {
    const digest = createHash("sha1").update(hash).digest()
    const infoHash = Array.from(digest, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join("")
    const peerId = `-XX0001-${String(port).padStart(12, "0")}`
    const query = `${more(hash)}info_hash=${infoHash}&peer_id=${peerId}&port=${port}&uploaded=0&downloaded=0&left=${left}&compact=1&numwant=50`
    return Buffer.from(`GET /announce?${query} HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: bench\r\n\r\n`)
  })
}

function eachPeer<T>({ hashes, peers }: Swarms, make: (hash: string, port: number, left: number) => T): T[] {
  return hashes.flatMap((hash) =>
    Array.from({ length: peers }, (_, number) => make(hash, FIRST_PORT + number, number % 10 === 0 ? 0 : 1_000_000)),
  )
}

function post(path: string, value: unknown): Buffer {
  const body = JSON.stringify(value)
  const head = `host: 127.0.0.1\r\nuser-agent: bench\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${head}\r\n\r\n${body}`)
}
