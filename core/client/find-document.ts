import type { DocumentSnapshot } from "../api/snapshot.js"
import { CommandError } from "../base/errors.js"

/**
 * The document that `word` names: by its uuid or the beginning of it, its name, or the absolute path of its file or torrent file.
 * @throws CommandError "no_such_document" or "ambiguous", with the names to choose from.
 */
export function findDocument(documents: readonly DocumentSnapshot[], word: string, path: string): DocumentSnapshot {
  const exact = documents.filter(
    ({ id, name, filePath, torrentPath }) => [id, name].includes(word) || [filePath, torrentPath].includes(path),
  )
  const matches =
    exact.length > 0 ? exact : documents.filter(({ id }) => word !== "" && id.startsWith(word.toLowerCase()))
  const [only, ...others] = matches
  if (only === undefined)
    throw new CommandError(
      "no_such_document",
      `no document is called "${word}"; there ${documents.length === 0 ? "is none" : `are: ${names(documents)}`}`,
    )
  if (others.length > 0)
    throw new CommandError(
      "ambiguous",
      `"${word}" may be any of ${matches.map(({ id, name }) => `${name} (${id})`).join(", ")}: name it by its id`,
    )
  return only
}

/** A few names are a help, hundreds are not. */
function names(documents: readonly DocumentSnapshot[]): string {
  const shown = documents.slice(0, 10).map(({ name }) => name)
  const rest = documents.length - shown.length
  return rest > 0 ? `${shown.join(", ")} and ${rest} more` : shown.join(", ")
}
