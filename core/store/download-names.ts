import { createHash } from "node:crypto"
import { basename, dirname, join } from "node:path"
import { cutToBytes } from "../torrent/safe-name.js"

/** What an unfinished download is called, and the files beside it. Absolute paths, all in the target's folder. */
export interface DownloadNames {
  readonly part: string
  readonly record: string
  readonly lock: string
  /** Of a folder: bytes of unwanted files that share a part with wanted ones. */
  readonly aside: string
  /** Of a folder: drafts of files that were kept aside, while they are moved into it. */
  readonly drafts: string
}

/** Most file systems allow 255 bytes per name; the endings, and those of temporary files, take up to 45. */
const MAX_STEM_BYTES = 210

/** `filePath`: absolute. A long name is cut, and gets a digest of the whole, so that two of the same beginning stay two. */
export function downloadNames(filePath: string): DownloadNames {
  const part = join(dirname(filePath), `${stemOf(basename(filePath))}.part`)
  return { part, record: `${part}.resume`, lock: `${part}.lock`, aside: `${part}.aside`, drafts: `${part}.new` }
}

function stemOf(name: string): string {
  if (Buffer.byteLength(name) <= MAX_STEM_BYTES) return name
  const digest = `~${createHash("sha256").update(name).digest("hex").slice(0, 16)}`
  return cutToBytes(name, MAX_STEM_BYTES - digest.length) + digest
}
