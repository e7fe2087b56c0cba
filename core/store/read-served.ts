import { GrowingDocument } from "./growing-document.js"
import type { BorrowedBytes, ChunkSource, ReadCache } from "./read-cache.js"
import { LooksOther, type WholeContent } from "./whole-content.js"

/**
 * Bytes of a document that is served, from the cache or the disk. `look`: throws where a changed file makes them other bytes; it is called
 * unless the read itself looks at each file, and again where one looks other than it did.
 */
export async function readServed(
  cache: ReadCache,
  { source, offset, length }: { readonly source: ChunkSource; readonly offset: number; readonly length: number },
  from: GrowingDocument | WholeContent,
  look: () => Promise<void>,
): Promise<BorrowedBytes> {
  const isWhole = !(from instanceof GrowingDocument)
  const isLookedAt = isWhole && from.checksReads(offset, length) && !cache.has(source, offset, length)
  if (isWhole && !isLookedAt) await look()
  try {
    return await cache.read(source, offset, length)
  } catch (error) {
    if (!(error instanceof LooksOther)) throw error
    await look()
    return cache.read(source, offset, length)
  }
}
