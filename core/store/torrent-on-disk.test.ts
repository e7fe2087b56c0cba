import { execFileSync } from "node:child_process"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, it } from "vitest"
import { P2pError } from "../base/errors.js"
import { inTemporaryFolder } from "../testing/temporary-folder.js"
import { infoHash } from "../torrent/info-hash.js"
import { readTorrentFile, readTorrentFiles } from "./torrent-on-disk.js"

let folder: string

inTemporaryFolder((path) => {
  folder = path
})

function textOf(parts: number): string {
  const FileInfo = {
    ...{ Size: parts * 1_024, PartSize: 1_024, Hash: "11111111-2222-4333-8444-555555555555", Name: `${parts} parts` },
    Parts: Array.from({ length: parts }, (_, part) => part.toString(16).padStart(40, "0")),
  }
  return JSON.stringify({ FileInfo })
}

it("many torrent files are read as each alone, small and large, readable or not", async () => {
  await writeFile(join(folder, "small.json"), textOf(3))
  await writeFile(join(folder, "large.json"), textOf(2_000))
  await writeFile(join(folder, "damaged.json"), "{")
  await writeFile(join(folder, "empty.json"), "")
  await mkdir(join(folder, "folder.json"))
  execFileSync("mkfifo", [join(folder, "fifo.json")])
  const names = ["small.json", "large.json", "damaged.json", "empty.json", "folder.json", "fifo.json", "missing.json"]
  const paths = names.map((name) => join(folder, name))
  const together = await readTorrentFiles(paths)
  const alone = await Promise.all(paths.map((path) => readTorrentFile(path).catch((error: unknown) => error)))
  expect(together).toHaveLength(names.length)
  for (const [index, read] of together.entries()) {
    const other = alone[index]
    if (read instanceof P2pError) expect(other).toMatchObject({ code: read.code, message: read.message })
    else expect(infoHash(read)).toEqual(infoHash(other as typeof read))
  }
  expect(together.filter((read) => read instanceof P2pError)).toHaveLength(5)
})
