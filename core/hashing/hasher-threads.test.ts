import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { sha1 } from "../testing/sha1.js"
import { inTemporaryFolder } from "../testing/temporary-folder.js"
import { createHasher, type Hasher } from "./hasher.js"

const workers = vi.hoisted(() => [] as import("node:worker_threads").Worker[])

vi.mock("node:worker_threads", async (original) => {
  const real = await original<typeof import("node:worker_threads")>()
  class Worker extends real.Worker {
    constructor(...given: ConstructorParameters<typeof real.Worker>) {
      super(...given)
      workers.push(this)
    }
  }
  return { ...real, Worker }
})

let root: string
let hasher: Hasher

inTemporaryFolder((path) => {
  root = join(path, "folder")
})

beforeEach(() => {
  workers.length = 0
  mkdirSync(root)
  hasher = createHasher({ threads: 2 })
})

afterEach(async () => {
  await hasher.close()
})

function write(name: string, sizeBytes: number): Promise<boolean> {
  const bytes = new Uint8Array(sizeBytes)
  const files = { root, paths: [name], offsets: [0], lengths: [sizeBytes], executables: [], isGrowing: true }
  return hasher.verifyAndWrite({ bytes, digest: sha1(bytes), place: { files } })
}

it("small files of a folder are written by one thread", async () => {
  expect(await Promise.all([write("a", 1_000), write("b", 1_000), write("c", 1_000)])).toEqual([true, true, true])
  expect(workers).toHaveLength(1)
})

it("a second thread writes what comes while a MiB waits for the first, which gets the next ones once it has written", async () => {
  expect(await Promise.all([write("a", 1024 * 1024), write("b", 1_000)])).toEqual([true, true])
  expect(workers).toHaveLength(2)
  const sent = workers.map((worker) => vi.spyOn(worker, "postMessage"))
  expect(await write("c", 1_000)).toBe(true)
  expect(sent.map(({ mock }) => mock.calls.length)).toEqual([1, 0])
})

it("a second thread writes while the first one syncs, which may take seconds", async () => {
  const syncing = hasher.syncFiles({ root, files: [], folders: ["."] })
  expect(await write("a", 1_000)).toBe(true)
  expect(workers).toHaveLength(2)
  await syncing
})
