import { randomUUID } from "node:crypto"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { encodeCompact } from "../address/compact-peers.js"
import { encodeBencode } from "../base/encode-bencode.js"

interface Listening {
  readonly listening_host: string
  readonly listening_port: number
}

/** A tracker for tests of the client: speaks the JSON of docs/tracker/http-api.md from memory, records requests, and fails on demand. */
export class ScriptedTracker {
  readonly asked: { readonly path: string; readonly body: Record<string, unknown> }[] = []
  /** Every answer has this status instead, when set. */
  failWith: number | undefined
  intervalSeconds = 30
  readonly #swarms = new Map<string, Map<string, Listening>>()
  /** "<document> <port>" of the peers that announced missing parts. */
  readonly #leechers = new Set<string>()
  readonly #server: Server
  readonly #waiting: { readonly path: string | undefined; readonly resolve: () => void }[] = []

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  /** Listens on 127.0.0.1; port 0 takes any free one. */
  static async start(port = 0): Promise<ScriptedTracker> {
    const tracker = new ScriptedTracker()
    await new Promise<void>((resolve) => tracker.#server.listen(port, "127.0.0.1", resolve))
    return tracker
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** From now on every answer has this status. */
  failAll(status: number): void {
    this.failWith = status
  }

  /** Forgets every document and peer, as a tracker without a memory does when it is killed. */
  forgetAll(): void {
    this.#swarms.clear()
  }

  /** Adds a document with one peer, at 127.0.0.1, as if that peer had announced itself. */
  register(hash: string, port: number): void {
    const peer = { listening_host: "127.0.0.1", listening_port: port }
    this.#swarms.set(hash, new Map([[String(port), peer]]))
  }

  /** Ports of a document's peers. */
  portsOf(hash: string): number[] {
    return [...(this.#swarms.get(hash)?.values() ?? [])].map(({ listening_port }) => listening_port)
  }

  /** Settles when a request for `path` (any, by default) comes in after this call and is answered. */
  nextRequest(path?: string): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ path, resolve }))
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ""
    for await (const chunk of request) text += String(chunk)
    const url = new URL(request.url ?? "", "http://tracker")
    const isGet = request.method === "GET"
    const body = (isGet ? fieldsOf(url) : JSON.parse(text)) as Record<string, unknown> & Listening
    const path = url.pathname
    this.asked.push({ path, body })
    if (isGet) return this.#answerStandard(response, body)
    const [status, answer] = this.failWith === undefined ? this.#carryOut(path, body) : [this.failWith, {}]
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer))
    for (const waiting of this.#waiting.splice(0)) {
      if (waiting.path === undefined || waiting.path === path) waiting.resolve()
      else this.#waiting.push(waiting)
    }
  }

  /** GET /announce (BEP 3): the same swarm. */
  #answerStandard(response: ServerResponse, body: Record<string, unknown> & Listening): void {
    const [status, answer] = this.failWith === undefined ? this.#carryOut("/peers", body) : [this.failWith, {}]
    const { peers = [] } = answer as { readonly peers?: readonly Listening[] }
    const compact = Buffer.concat(
      peers.flatMap((peer) => encodeCompact(peer.listening_host, peer.listening_port) ?? []),
    )
    const found = { interval: this.intervalSeconds, peers: Uint8Array.from(compact) }
    response.end(encodeBencode(status === 200 ? found : { "failure reason": "unknown document" }))
    for (const { resolve } of this.#waiting.splice(0)) resolve()
  }

  #carryOut(path: string, body: Record<string, unknown> & Listening): [status: number, answer: unknown] {
    const peer = { listening_host: "127.0.0.1", listening_port: body.listening_port }
    const key = String(peer.listening_port)
    if (path === "/hash") {
      const hash = typeof body["hash"] === "string" ? body["hash"] : randomUUID()
      const peers = this.#swarms.get(hash) ?? new Map<string, Listening>()
      this.#swarms.set(hash, peers.set(key, peer))
      return [200, { hash }]
    }
    if (path === "/alive") return [200, this.#noteAll(body, key, peer)]
    const swarm = this.#swarms.get(String(body["hash"]))
    if (swarm === undefined) return [404, { error: { code: "unknown_hash", message: "unknown document" } }]
    if (path === "/status") return [200, this.#statusOf(String(body["hash"]), swarm)]
    if (body["event"] === "stopped") swarm.delete(key)
    else swarm.set(key, peer)
    if (Number(body["left"]) > 0) this.#leechers.add(`${String(body["hash"])} ${key}`)
    else this.#leechers.delete(`${String(body["hash"])} ${key}`)
    const peers = [...swarm].flatMap(([other, value]) => (other === key ? [] : [value]))
    return [200, { peers, interval: this.intervalSeconds }]
  }

  #statusOf(hash: string, swarm: ReadonlyMap<string, Listening>) {
    const machines = [...swarm].map(([key, peer]) => {
      const isLeecher = this.#leechers.has(`${hash} ${key}`)
      return { ...peer, state: isLeecher ? "downloading" : "complete", left: isLeecher ? null : 0, rate: 0, heard: 0 }
    })
    const complete = machines.filter(({ state }) => state === "complete").length
    return { machines, total: machines.length, complete, downloading: machines.length - complete, silent: 0 }
  }

  #noteAll(body: Record<string, unknown>, key: string, peer: Listening) {
    const hashes = Array.isArray(body["hashes"]) ? body["hashes"].map(String) : []
    for (const hash of hashes) {
      if (body["event"] === "stopped") this.#swarms.get(hash)?.delete(key)
      else this.#swarms.get(hash)?.set(key, peer)
    }
    const unknown = hashes.filter((hash) => !this.#swarms.has(hash))
    const wanted = hashes.filter((hash) => [...this.#leechers].some((leecher) => leecher.startsWith(hash)))
    return { unknown, wanted, interval: this.intervalSeconds }
  }
}

/** The fields of a standard announce under their names in JSON. */
function fieldsOf({ searchParams, search }: URL): Record<string, unknown> {
  const fields = Object.fromEntries(searchParams)
  return { ...fields, search, listening_port: Number(fields["port"]) }
}
