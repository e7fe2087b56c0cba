import { basename } from "node:path"
import { displayText } from "../base/display.js"
import { safeFileName } from "../torrent/safe-name.js"
import type { Torrent } from "../torrent/torrent-file.js"

const MAX_NAME_LENGTH = 200

/** A document's name on the screen and in the log: from its torrent file, else from its file. Safe to display. */
export function shownName(torrent: Torrent, filePath: string): string {
  return displayText(torrent.name ?? basename(filePath), MAX_NAME_LENGTH)
}

/** The file that a download gets when the user gives none: a name, never a path. */
export function fileNameFor(torrent: Torrent, torrentPath: string): string {
  return safeFileName(torrent.name ?? torrentPath.replace(/(\.torrent)?\.json$|\.torrent$/, ""))
}
