import { describe, expect, it } from "vitest"
import { atOnce } from "../base/steps.js"
import { FolderLayout } from "../torrent/folder-layout.js"
import { countingInfoBytes, encodeInfo } from "../torrent/info-hash.js"
import { MAX_TORRENT_FILE_BYTES } from "../torrent/parse-torrent.js"
import { countingTorrentBytes } from "../torrent/serialize-torrent.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { MAX_METADATA_BYTES } from "../wire/codec/metadata.js"
import { requireDescribable } from "./create-folder-torrent.js"

/** Empty files, each `depth` folders deep, of names with `length` characters. */
function torrentOf(fileCount: number, depth: number, length: number): Torrent {
  const folder = `${"d".repeat(length)}/`.repeat(depth)
  const files = Array.from({ length: fileCount }, (_, index) => ({
    path: folder + String(index).padStart(length, "0"),
    sizeBytes: 0,
    isPadding: false,
    isExecutable: false,
  }))
  const layout = FolderLayout.of(files)
  const partDigests = new Uint8Array(0)
  return { hash: "", sizeBytes: 0, partSizeBytes: 262_144, partDigests, name: "f", secret: undefined, files: layout }
}

describe("a folder", () => {
  it("of which the description is too large, though its torrent file is not, is refused, with what makes it smaller [L6]", async () => {
    const torrent = torrentOf(53_000, 11, 100)
    expect(atOnce(countingTorrentBytes(torrent))).toBeLessThanOrEqual(MAX_TORRENT_FILE_BYTES)
    const bytes = atOnce(countingInfoBytes(torrent))
    expect(bytes).toBeGreaterThan(MAX_METADATA_BYTES)
    const what = `its description, which is fetched by its link, would have ${bytes} bytes, at most 67108864 are allowed`
    await expect(requireDescribable("/home/f", torrent)).rejects.toMatchObject({
      code: "file_too_large",
      message: `/home/f: ${what}: share fewer files at a time, or give files and folders shorter names`,
    })
    await expect(requireDescribable("/home/f", torrentOf(100, 11, 100))).resolves.toBeUndefined()
  })

  it("has a description of as many bytes as are counted", () => {
    const torrent = torrentOf(300, 3, 9)
    expect(atOnce(countingInfoBytes(torrent))).toBe(encodeInfo(torrent).length)
  })
})
