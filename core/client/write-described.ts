import { join } from "node:path"
import { CommandError, P2pError } from "../base/errors.js"
import type { AwaitedDocument } from "../document/awaited-document.js"
import type { ClientResources } from "../document/client-resources.js"
import { readTorrentFile, writeMetainfoFile, writeTorrentFile } from "../store/torrent-on-disk.js"
import type { DescribedByLink } from "../torrent/describe.js"
import { handshakeHash } from "../torrent/info-hash.js"
import { isSameKey, preSharedKeyOf } from "../torrent/pre-shared-key.js"
import { safeFileName } from "../torrent/safe-name.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { targetOf } from "./download-target.js"
import type { DocumentPlace } from "./shelf-types.js"

/** Characters of the id that tell two documents of one name apart. */
const ID_CHARACTERS = 8

/**
 * Writes the torrent file of a document whose description has come into the service folder, under its name; under its name and id where there is
 * another file of that name. One that describes the very document is left as it is. @throws CommandError "target_exists", "not_writable", and what `targetOf` does.
 */
export async function writeDescribed(
  { torrent, metainfo }: DescribedByLink,
  { id, target }: Pick<AwaitedDocument, "id" | "target">,
  serviceFolder: string,
  { drafts, disk }: Pick<ClientResources, "drafts" | "disk">,
): Promise<DocumentPlace> {
  const name = safeFileName(torrent.name ?? torrent.hash)
  const ending = metainfo === undefined ? ".torrent.json" : ".torrent"
  const paths = [name, `${name}-${id.slice(0, ID_CHARACTERS)}`].map((stem) => join(serviceFolder, `${stem}${ending}`))
  const { hasher } = disk
  const filePath =
    target === undefined
      ? join(serviceFolder, name)
      : await targetOf(target, { torrent, name, listedAt: undefined, hasher })
  for (const torrentPath of paths) {
    try {
      if (metainfo === undefined) await writeTorrentFile(torrentPath, torrent, drafts)
      else await writeMetainfoFile(torrentPath, metainfo, drafts)
      return { filePath, torrentPath }
    } catch (error) {
      if (!(error instanceof CommandError && error.code === "target_exists")) throw error
      if (await describesIt(torrentPath, torrent)) return { filePath, torrentPath }
    }
  }
  throw new CommandError(
    "target_exists",
    `${paths.join(" and ")} are there: the torrent file has no name; move one away`,
  )
}

/** A crash between the torrent file and the list of documents leaves it. */
async function describesIt(path: string, torrent: Torrent): Promise<boolean> {
  try {
    const there = await readTorrentFile(path)
    const isSame = there.hash === torrent.hash && Buffer.compare(handshakeHash(there), handshakeHash(torrent)) === 0
    return isSame && isSameKey(preSharedKeyOf(there), preSharedKeyOf(torrent))
  } catch (error) {
    if (error instanceof P2pError) return false
    throw error
  }
}
