import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { seededRandom } from "../core/testing/seeded-random.js"

/** What a load found out about a server. */
export interface LoadResult {
  readonly requests: number
  readonly wallSeconds: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Of one whole answer, head and body. */
  readonly answerBytes: number
}

export interface Load {
  readonly port: number
  /** Whole requests, head and body; each is sent as often as any other, in random order. */
  readonly requests: readonly Buffer[]
  /** How many to send in all. */
  readonly count: number
  readonly connections: number
  readonly seed: number
}

const HEAD_END = Buffer.from("\r\n\r\n")

/**
 * Sends requests over keep-alive connections, each the next when its answer is there, and measures how long that takes.
 * As little as possible is done here, because the server under test shares the machine. Rejects on any status but 200.
 */
export async function runLoad({ port, requests, count, connections, seed }: Load): Promise<LoadResult> {
  const order = shuffled(requests, seed)
  const latencies = new Float64Array(count)
  let sent = 0
  let answered = 0
  let bytes = 0
  const startedMs = performance.now()
  const drive = async (): Promise<void> => {
    const socket = connect(port, "127.0.0.1").setNoDelay(true)
    await once(socket, "connect")
    for (let next = sent++; next < count; next = sent++) {
      const request = order[next % order.length] ?? HEAD_END
      const sentMs = performance.now()
      const size = await exchange(socket, request)
      bytes += size
      latencies[answered++] = performance.now() - sentMs
    }
    socket.destroy()
  }
  await Promise.all(Array.from({ length: connections }, drive))
  latencies.sort()
  const percentile = (share: number) => latencies[Math.floor((count - 1) * share)] ?? Number.NaN
  return {
    requests: count,
    wallSeconds: (performance.now() - startedMs) / 1_000,
    p50Ms: percentile(0.5),
    p99Ms: percentile(0.99),
    answerBytes: Math.round(bytes / count),
  }
}

/** Sends one request and resolves with the size of its answer. */
function exchange(socket: Socket, request: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    let answer: Buffer | undefined
    let wanted = -1
    const finish = (done: () => void) => {
      socket.removeListener("data", onData)
      socket.removeListener("close", onClose)
      done()
    }
    const onClose = () => finish(() => reject(new Error("the server hung up")))
    const onData = (chunk: Buffer) => {
      answer = answer === undefined ? chunk : Buffer.concat([answer, chunk])
      if (wanted === -1) wanted = sizeOf(answer)
      const whole = answer
      if (wanted === -1 || whole.length < wanted) return
      if (whole.toString("latin1", 9, 12) === "200") finish(() => resolve(wanted))
      else finish(() => reject(new Error(`refused: ${whole}`)))
    }
    socket.on("data", onData).once("close", onClose)
    socket.write(request)
  })
}

/** Head and body of an answer together, or -1 while its head is not whole. */
function sizeOf(answer: Buffer): number {
  const headEnd = answer.indexOf(HEAD_END)
  if (headEnd === -1) return -1
  const [, length] = /content-length: (\d+)/i.exec(answer.toString("latin1", 0, headEnd)) ?? []
  if (length === undefined) throw new Error(`an answer without content-length: ${answer}`)
  return headEnd + HEAD_END.length + Number(length)
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = seededRandom(seed)
  const all = [...items]
  for (let index = all.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1))
    const [a, b] = [all[index], all[other]]
    if (a === undefined || b === undefined) continue
    all[index] = b
    all[other] = a
  }
  return all
}
