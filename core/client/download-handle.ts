import type { DownloadHandle } from "../api/client-api.js"
import type { Document } from "../document/document.js"
import { foundOnDisk } from "../document/found-on-disk.js"

/** The handle of a download that has begun. */
export async function handleOf(document: Document): Promise<DownloadHandle> {
  // Created before the first await, so that a disk failure in between reaches these waiters too.
  const [done, durable] = [document.whenDone(), document.whenDurable()]
  return { id: document.id, found: await foundOnDisk(document), done, durable }
}
