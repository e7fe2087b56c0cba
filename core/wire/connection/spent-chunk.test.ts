import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"
import { PassThrough } from "node:stream"
import { expect, it, onTestFinished } from "vitest"
import type { ByteTarget } from "../codec/byte-target.js"
import { SocketReader } from "./socket-reader.js"
import { freeChunk } from "./spent-chunk.js"

const MIB = 1024 * 1024

it("frees a chunk that has its buffer to itself, and the rest of one", () => {
  const whole = Buffer.allocUnsafeSlow(64 * 1024)
  freeChunk(whole)
  expect(whole).toHaveLength(0)
  const buffer = new ArrayBuffer(64 * 1024)
  freeChunk(new Uint8Array(buffer, 1_000))
  expect(buffer.byteLength).toBe(0)
})

it("leaves small chunks, shared memory and parts of a buffer that goes on", () => {
  const kept = [
    Buffer.allocUnsafeSlow(1_024),
    new Uint8Array(new SharedArrayBuffer(64 * 1024)),
    new Uint8Array(new ArrayBuffer(64 * 1024), 0, 32 * 1024),
  ]
  for (const chunk of kept) {
    const { length } = chunk
    freeChunk(chunk)
    expect(chunk).toHaveLength(length)
  }
})

it("frees the chunks of an accepted socket after their last byte, also those that were held back", async () => {
  const { caller, accepted } = await socketPair()
  const chunks: { readonly chunk: Uint8Array; readonly length: number }[] = []
  accepted.on("data", (chunk: Uint8Array) => chunks.push({ chunk, length: chunk.length }))
  const sent = Buffer.alloc(4 * MIB, "0123456789a")
  const { target, received, filled } = bytesOf(sent.length)
  const reader = new SocketReader(target, () => undefined)
  reader.listen(accepted)
  reader.hold()
  caller.write(sent)
  await once(accepted, "data")
  expect(chunks[0]?.chunk.length).toBeGreaterThan(0)
  reader.release()
  await filled
  expect(sent.equals(received)).toBe(true)
  const large = chunks.filter(({ length }) => length >= 16 * 1024)
  expect(large.length).toBeGreaterThan(0)
  expect(large.map(({ chunk }) => chunk.length)).toEqual(large.map(() => 0))
})

it("leaves the chunks of other streams, which their writers may go on using", () => {
  const stream = new PassThrough()
  const reader = new SocketReader(bytesOf(64 * 1024).target, () => undefined)
  reader.listen(stream)
  const chunk = Buffer.allocUnsafeSlow(64 * 1024)
  stream.emit("data", chunk)
  expect(chunk).toHaveLength(64 * 1024)
})

/** A target that takes so many bytes. */
function bytesOf(length: number): { target: ByteTarget; received: Uint8Array; filled: Promise<void> } {
  const received = new Uint8Array(length)
  let done = 0
  let onFilled = (): void => undefined
  const filled = new Promise<void>((resolve) => {
    onFilled = resolve
  })
  const advance = (byteCount: number) => {
    done += byteCount
    if (done === length) onFilled()
  }
  return { received, filled, target: { target: () => received.subarray(done), advance } }
}

async function socketPair(): Promise<{ caller: Socket; accepted: Socket }> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  const accepting = once(server, "connection")
  const caller = connect(typeof address === "object" && address !== null ? address.port : 0, "127.0.0.1")
  const [accepted]: Socket[] = await accepting
  if (accepted === undefined) throw new Error("nothing was accepted")
  onTestFinished(() => {
    caller.destroy()
    accepted.destroy()
    server.close()
  })
  return { caller, accepted }
}
