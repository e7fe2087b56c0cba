import { createHash, randomUUID } from "node:crypto"
import { closeSync, openSync, readSync, statSync, writeFileSync } from "node:fs"

/** What a torrent file of ours says of an open document. */
export interface Described {
  readonly name: string
  readonly sizeBytes: number
  readonly partBytes: number
  /** SHA-1 of each part, in hex. */
  readonly digests: readonly string[]
}

/** The text of a torrent file: of a document that no client has made, or in parts of a size that an upload does not choose. */
export function torrentOf({ name, sizeBytes, partBytes, digests }: Described): string {
  const FileInfo = { Size: sizeBytes, PartSize: partBytes, Parts: digests, Hash: randomUUID(), Name: name }
  return JSON.stringify({ FileInfo })
}

/** Writes the torrent file of a file in parts of `partBytes`. */
export function describeFile(file: string, name: string, partBytes: number, torrentFile: string): void {
  const { size: sizeBytes } = statSync(file)
  const part = Buffer.allocUnsafeSlow(partBytes)
  const fd = openSync(file, "r")
  const digests = Array.from({ length: Math.ceil(sizeBytes / partBytes) }, (_, index) => {
    const length = readSync(fd, part, 0, partBytes, index * partBytes)
    return createHash("sha1").update(part.subarray(0, length)).digest("hex")
  })
  closeSync(fd)
  writeFileSync(torrentFile, torrentOf({ name, sizeBytes, partBytes, digests }))
}
