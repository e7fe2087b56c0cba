import { isThisMachine } from "../address/this-machine.js"
import type { ClientResources } from "../document/client-resources.js"
import { writeMetainfoFile } from "../store/torrent-on-disk.js"
import { encodeMetainfo } from "../torrent/metainfo.js"
import type { Torrent } from "../torrent/torrent-file.js"

/** Writes a standard .torrent of an open document, and reports a tracker that others can't reach. Returns its path. */
export async function exportMetainfo(
  torrent: Torrent,
  path: string,
  { tracker, drafts, onEvent }: Pick<ClientResources, "tracker" | "drafts" | "onEvent">,
): Promise<string> {
  await writeMetainfoFile(path, encodeMetainfo(torrent, tracker.isNone ? undefined : tracker.url), drafts)
  if (tracker.isNone) {
    const message = `${path} names no tracker, because this client has none`
    onEvent({ level: "warn", name: "no_announce_url", message })
  } else if (isThisMachine(new URL(tracker.url).hostname)) {
    const message = `${path} names the tracker at ${tracker.url}, which only this machine can reach`
    onEvent({ level: "warn", name: "local_announce_url", message })
  }
  return path
}
