import { randomBytes } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { sha1 } from "../testing/sha1.js"
import { FolderLayout } from "../torrent/folder-layout.js"
import { type Aside, fileSpansOf } from "./file-spans.js"
import { createHasher, type Hasher } from "./hasher.js"

const PART_SIZE = 100
const file = (path: string, sizeBytes: number) => ({ path, sizeBytes, isPadding: false, isExecutable: false })
const layout = FolderLayout.of([file("wanted", 130), file("other/not", 40), file("late", 130)])
const document = randomBytes(layout.sizeBytes)
const part = (index: number) => document.subarray(index * PART_SIZE, (index + 1) * PART_SIZE)

let base: string
let root: string
let aside: Aside
let hasher: Hasher
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "kept-aside-"))
  root = join(base, "growing")
  mkdirSync(root)
  aside = { path: join(base, "aside"), has: (index) => index > 0 }
  hasher = createHasher({ threads: 1 })
})
afterEach(async () => {
  await hasher.close()
  rmSync(base, { recursive: true })
})

async function write(index: number): Promise<boolean> {
  const bytes = Uint8Array.from(part(index))
  const files = fileSpansOf({ layout, root, isGrowing: true, aside }, index * PART_SIZE, bytes.length)
  return hasher.verifyAndWrite({ lane: 0, bytes, digest: sha1(bytes), place: { files } })
}

async function goodParts(isGrowing = true): Promise<readonly number[]> {
  const files = fileSpansOf({ layout, root, isGrowing, aside }, 0, layout.sizeBytes)
  const range = { from: { files }, sizeBytes: layout.sizeBytes, partSizeBytes: PART_SIZE, fromPart: 0, toPart: 3 }
  const digests = Buffer.from(await hasher.hashParts(range))
  return [0, 1, 2].filter((index) => sha1(part(index)).equals(digests.subarray(index * 20, index * 20 + 20)))
}

describe("bytes of unwanted files", () => {
  it("are kept beside the folder where they stand in the document, and make no file", async () => {
    expect([await write(1), await write(0)]).toEqual([true, true])
    expect(readFileSync(join(root, "wanted")).equals(document.subarray(0, 130))).toBe(true)
    expect([existsSync(join(root, "other")), existsSync(join(root, "late"))]).toEqual([false, false])
    expect(readFileSync(aside.path).subarray(130).equals(document.subarray(130, 200))).toBe(true)
    expect(statSync(aside.path).mode & 0o777).toBe(0o600)
  })

  it.each([true, false])("are found again when a part is hashed, growing %s", async (isGrowing) => {
    for (const index of [0, 1]) await write(index)
    expect(await goodParts(isGrowing)).toEqual([0, 1])
    rmSync(aside.path)
    expect(await goodParts(isGrowing)).toEqual([0])
  })

  it("are written in one run where several unwanted files stand side by side", () => {
    const { offsets, lengths } = fileSpansOf({ layout, root, isGrowing: true, aside }, 100, 150)
    expect([offsets, lengths]).toEqual([
      [100, 130],
      [30, 120],
    ])
  })

  it("do not go through a link in its place", async () => {
    const victim = join(base, "victim")
    writeFileSync(victim, "untouched")
    symlinkSync(victim, aside.path)
    await expect(write(1)).rejects.toMatchObject({ code: "ELOOP" })
    expect(readFileSync(victim, "utf8")).toBe("untouched")
    writeFileSync(victim, document)
    expect(await goodParts(false)).not.toContain(1)
  })
})
