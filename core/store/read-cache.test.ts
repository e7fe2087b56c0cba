import { expect, it } from "vitest"
import { type ChunkSource, ReadCache } from "./read-cache.js"

/** A source whose byte at offset n is n (modulo 251), with the reads that were made of it. */
function source(sizeBytes: number) {
  const reads: { offset: number; length: number }[] = []
  const readInto = async (target: Uint8Array, offset: number) => {
    reads.push({ offset, length: target.length })
    await new Promise(setImmediate)
    for (let index = 0; index < target.length; index++) target[index] = (offset + index) % 251
  }
  return { sizeBytes, reads, readInto } satisfies ChunkSource & { reads: unknown }
}

const expected = (offset: number, length: number) => Array.from({ length }, (_, index) => (offset + index) % 251)

it("reads a chunk once for all the blocks in it, also when they are asked for at the same time", async () => {
  const cache = new ReadCache({ chunkBytes: 100 })
  const from = source(1000)
  const blocks = await Promise.all([0, 10, 20, 90].map((offset) => cache.read(from, offset, 10)))
  expect(blocks.map(({ bytes }) => [...bytes])).toEqual([0, 10, 20, 90].map((offset) => expected(offset, 10)))
  expect(from.reads).toEqual([{ offset: 0, length: 100 }])
})

it("reads no further than the source's end", async () => {
  const cache = new ReadCache({ chunkBytes: 100 })
  const from = source(250)
  expect([...(await cache.read(from, 240, 10)).bytes]).toEqual(expected(240, 10))
  expect(from.reads).toEqual([{ offset: 200, length: 50 }])
})

it("puts a block together that lies across chunks", async () => {
  const cache = new ReadCache({ chunkBytes: 100, budgetBytes: 100 })
  expect([...(await cache.read(source(1000), 50, 300)).bytes]).toEqual(expected(50, 300))
})

it("never changes bytes that are lent, and goes past the cache when all of it is lent", async () => {
  const cache = new ReadCache({ chunkBytes: 100, budgetBytes: 200 })
  const from = source(1000)
  const lent = [await cache.read(from, 0, 10), await cache.read(from, 100, 10)]
  const third = await cache.read(from, 200, 10)
  expect([...third.bytes]).toEqual(expected(200, 10))
  expect(from.reads.at(-1)).toEqual({ offset: 200, length: 10 })
  expect(lent.map(({ bytes }) => [...bytes])).toEqual([expected(0, 10), expected(100, 10)])
  for (const { release } of lent) {
    release()
    release()
  }
  await cache.read(from, 200, 10)
  expect(from.reads.at(-1)).toEqual({ offset: 200, length: 100 })
})

it("drops the least recently used chunk", async () => {
  const cache = new ReadCache({ chunkBytes: 100, budgetBytes: 200 })
  const from = source(1000)
  for (const offset of [0, 100, 0, 200, 0]) (await cache.read(from, offset, 10)).release()
  expect(from.reads.map(({ offset }) => offset)).toEqual([0, 100, 200])
})

it("reads again what was written meanwhile, and keeps what is lent", async () => {
  const cache = new ReadCache({ chunkBytes: 100 })
  const from = source(1000)
  const before = await cache.read(from, 0, 10)
  cache.forgetRange(from, 95, 10)
  await cache.read(from, 0, 10)
  expect(from.reads).toHaveLength(2)
  expect([...before.bytes]).toEqual(expected(0, 10))
})

it("passes a failure on to all waiting callers, and tries again afterwards", async () => {
  const cache = new ReadCache({ chunkBytes: 100, budgetBytes: 100 })
  const from = source(1000)
  const broken = { ...from, readInto: () => Promise.reject(new Error("EIO")) }
  const results = await Promise.allSettled([cache.read(broken, 0, 10), cache.read(broken, 10, 10)])
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"])
  expect([...(await cache.read(from, 0, 10)).bytes]).toEqual(expected(0, 10))
  expect(from.reads).toEqual([{ offset: 0, length: 100 }])
})
