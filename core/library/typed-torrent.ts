import { displayText } from "../base/display.js"
import { CommandError, TorrentFileError } from "../base/errors.js"
import { readTorrentFile } from "../store/torrent-on-disk.js"
import type { Torrent } from "../torrent/torrent-file.js"

/** Links that users enter in place of a torrent file, with their names. */
const NOT_SPOKEN: readonly (readonly [RegExp, string])[] = [
  [/^(?:magnet|p2p-tui):/i, "links are"],
  [/^https?:\/\//i, "web addresses are"],
  [/^(?:[0-9a-f]{40}|[a-z2-7]{32}|[0-9a-f]{64})$/i, "bare info hashes are"],
]

/** Longest quote of the user's input in a message, characters: a link may be long, and secret. */
const SHOWN_CHARACTERS = 40

/**
 * Reads the torrent file at `path`, which `typed` means. Errors as `readTorrentFile`, and CommandError "link_not_spoken" when the file
 * does not exist and the input is a link.
 */
export async function readTypedTorrent(typed: string, path: string): Promise<Torrent> {
  try {
    return await readTorrentFile(path)
  } catch (error) {
    if (error instanceof CommandError && error.code === "no_such_file") refuseLink(typed, error)
    throw error instanceof TorrentFileError ? naming(path, error) : error
  }
}

/** The reader of a torrent file knows its content, not its path. */
function naming(path: string, error: TorrentFileError): TorrentFileError {
  return new TorrentFileError(error.field, `${path}: no torrent file that can be used: ${error.message}`, {
    cause: error,
  })
}

function refuseLink(typed: string, cause: CommandError): void {
  const what = NOT_SPOKEN.find(([form]) => form.test(typed))?.[1]
  if (what === undefined) return
  const shown = displayText(typed, SHOWN_CHARACTERS)
  throw new CommandError("link_not_spoken", `${shown}: ${what} not read here: name a torrent file`, {
    cause,
  })
}
