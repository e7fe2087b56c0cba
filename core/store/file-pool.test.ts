import { constants, readSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"
import { inTemporaryFolder } from "../testing/temporary-folder.js"
import { FilePool } from "./file-pool.js"

let folder: string
let pool: FilePool

inTemporaryFolder((path) => {
  folder = path
})

beforeEach(() => {
  for (let index = 0; index < 10; index++) writeFileSync(path(index), String(index))
  pool = new FilePool(3)
})

afterEach(async () => {
  await pool.close()
  expect(pool.openCount).toBe(0)
})

const path = (index: number) => join(folder, String(index))
const use = <T>(index: number, task: (fd: number) => Promise<T>) => pool.use(path(index), constants.O_RDONLY, task)

async function readDigit(fd: number): Promise<string> {
  const bytes = Buffer.alloc(1)
  readSync(fd, bytes, 0, 1, 0)
  return bytes.toString()
}

it("keeps a file open for the next use", async () => {
  const first = await use(1, async (fd) => fd)
  expect(await use(1, async (fd) => fd)).toBe(first)
  expect(pool.openCount).toBe(1)
})

it("never opens more files than allowed, and serves every caller [hostile 17]", async () => {
  const digits = await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      use(index % 10, async (fd) => {
        expect(pool.openCount).toBeLessThanOrEqual(3)
        await new Promise(setImmediate)
        return readDigit(fd)
      }),
    ),
  )
  expect(digits).toEqual(Array.from({ length: 30 }, (_, index) => String(index % 10)))
})

it("closes the file that was longest unused", async () => {
  const fds = [await use(0, async (fd) => fd), await use(1, async (fd) => fd), await use(2, async (fd) => fd)]
  await use(0, async (fd) => expect(fd).toBe(fds[0]))
  await use(3, async () => undefined)
  await use(0, async (fd) => expect(fd).toBe(fds[0]))
  expect(pool.openCount).toBe(3)
})

it("lets users finish with a file that is forgotten, and opens the new one for others", async () => {
  await use(1, async (fd) => {
    await pool.forget(path(1))
    rmSync(path(1))
    writeFileSync(path(1), "x")
    expect(await readDigit(fd)).toBe("1")
    expect(await use(1, readDigit)).toBe("x")
  })
})

it("passes on why a file can't be opened, and has its place back", async () => {
  for (let attempt = 0; attempt < 5; attempt++)
    await expect(use(99, async () => undefined)).rejects.toMatchObject({ code: "ENOENT" })
  expect(pool.openCount).toBe(0)
})

it("opens nothing once it is closed, not even for callers that waited for a place [B9]", async () => {
  const busy: (() => void)[] = []
  const users = [0, 1, 2].map((index) => use(index, () => new Promise<void>((resolve) => busy.push(resolve))))
  const waiting = [3, 4].map((index) => expect(use(index, readDigit)).rejects.toThrow(/closed/))
  await expect.poll(() => busy.length).toBe(3)
  await pool.close()
  await expect(use(5, readDigit)).rejects.toThrow(/closed/)
  for (const done of busy) done()
  await Promise.all([...users, ...waiting])
  expect(pool.openCount).toBe(0)
})

it("does not return another file that has replaced the expected one [A3]", async () => {
  const { ino } = statSync(path(1), { bigint: true })
  const digit = () => pool.use(path(1), constants.O_RDONLY, readDigit, ino)
  expect(await digit()).toBe("1")
  renameSync(path(1), path(11))
  renameSync(path(2), path(1))
  expect(await digit()).toBe("1")
  for (const index of [3, 4, 5]) await use(index, readDigit)
  await expect(digit()).rejects.toMatchObject({ name: "StoreError", code: "file_changed" })
})
