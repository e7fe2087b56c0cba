import { createHash, randomBytes } from "node:crypto"
import type { Random } from "../base/clock.js"
import { FolderLayout } from "../torrent/folder-layout.js"
import type { Torrent } from "../torrent/torrent-file.js"
import type { SimulatedDisk } from "./simulated-disk.js"

const PART_BYTES = 1_000

/** A document that is downloaded on a simulated disk, and what a user may expect of its bytes there. */
export interface TrialDocument {
  readonly torrent: Torrent
  /** Other files are wanted by each program, and while it runs. */
  readonly changesSelection?: boolean
  /** Of the target; unfinished it has `.part` at its end. */
  readonly name: string
  readonly parts: readonly Buffer[]
  /** Is this part below the target `name`, finished or not, or kept aside? */
  holds(disk: SimulatedDisk, name: string, index: number): boolean
  /** Are there all bytes of all files, and no other files? */
  isWhole(disk: SimulatedDisk, name: string): boolean
  /** Files that another program may write to. */
  filesOf(disk: SimulatedDisk, name: string): string[]
}

export const fileDocument = documentOf("file.bin", [["", 11_700]])

/** Parts run over the borders of files; there are padding, an executable, empty files, and one alone in its folder. */
export const folderDocument = documentOf("folder", [
  ["bin/run", 700, "executable"],
  [".pad/300", 300, "padding"],
  ["data/large", 3_500],
  ["data/deep/small", 20],
  ["empty", 0],
  ["data/none/empty", 0],
  ["data/aligned", 1_480],
  ["next", 2_000],
  ["tiny", 1],
  [".pad/1999", 999, "padding"],
  ["last", 1_700],
])

type Entry = readonly [path: string, sizeBytes: number, kind?: "padding" | "executable"]

function documentOf(name: string, entries: readonly Entry[]): TrialDocument {
  const contents = entries.map(([, sizeBytes, kind]) =>
    kind === "padding" ? Buffer.alloc(sizeBytes) : randomBytes(sizeBytes),
  )
  const all = Buffer.concat(contents)
  const parts = Array.from({ length: Math.ceil(all.length / PART_BYTES) }, (_, index) =>
    all.subarray(index * PART_BYTES, (index + 1) * PART_BYTES),
  )
  const layout = FolderLayout.of(
    entries.map(([path, sizeBytes, kind]) => ({
      ...{ path, sizeBytes, isPadding: kind === "padding", isExecutable: kind === "executable" },
    })),
  )
  const isFolder = entries[0]?.[0] !== ""
  const files = entries.flatMap(([path, , kind], index) => (kind === "padding" ? [] : [{ path, index }]))
  const placeOf = (target: string, path: string) => (isFolder ? `${target}/${path}` : target)
  return {
    torrent: {
      hash: "0b5f9c34-5b3e-4c7a-9d4e-2f1d6a7b8c90",
      sizeBytes: all.length,
      partSizeBytes: PART_BYTES,
      partDigests: Buffer.concat(parts.map((part) => createHash("sha1").update(part).digest())),
      name: isFolder ? name : undefined,
      secret: undefined,
      ...(isFolder ? { files: layout } : {}),
    },
    name,
    parts,
    holds: (disk, target, index) =>
      layout.spans(index * PART_BYTES, parts[index]?.length ?? 0).every(({ fileIndex, fileOffset, length }) => {
        if (layout.isPadding(fileIndex)) return true
        const wanted = contents[fileIndex]?.subarray(fileOffset, fileOffset + length) ?? Buffer.alloc(0)
        const at = layout.offsetOf(fileIndex) + fileOffset
        const below = disk.content(placeOf(target, layout.path(fileIndex)))
        const seen = below
          ? below.subarray(fileOffset, fileOffset + length)
          : disk.content(`${name}.part.aside`)?.subarray(at, at + length)
        return seen?.equals(wanted) === true
      }),
    isWhole: (disk, target) => {
      const below = filesBelow(disk, target)
      const expected = files.map(({ path }) => placeOf(target, path)).sort()
      const isSame = ({ path, index }: { readonly path: string; readonly index: number }) =>
        disk.content(placeOf(target, path))?.equals(contents[index] ?? Buffer.alloc(1)) === true
      return below.join() === expected.join() && files.every(isSame)
    },
    filesOf: filesBelow,
  }
}

function filesBelow(disk: SimulatedDisk, target: string): string[] {
  const isBelow = (path: string) => path === target || path.startsWith(`${target}/`)
  return disk.names.filter((path) => isBelow(path) && disk.content(path) !== undefined)
}

/** One of a list that is not empty. */
export function pick<T>(random: Random, list: readonly T[]): T | undefined {
  return list[Math.floor(random() * list.length)]
}
