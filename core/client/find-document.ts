import type { DocumentSnapshot } from "../api/snapshot.js"
import { CommandError } from "../base/errors.js"

/** Letters of an id that name a document at least: fewer are a slip more often than a choice. */
const SHORTEST_ID = 4

/**
 * The document that `word` names: by its uuid or at least four letters of its beginning, its name, or the absolute path of its file or torrent file.
 * @throws CommandError "no_such_document" or "ambiguous", with the names to choose from.
 */
export function findDocument(documents: readonly DocumentSnapshot[], word: string, path: string): DocumentSnapshot {
  const exact = documents.filter(
    ({ id, name, filePath, torrentPath }) => [id, name].includes(word) || [filePath, torrentPath].includes(path),
  )
  const matches =
    exact.length > 0
      ? exact
      : documents.filter(({ id }) => word.length >= SHORTEST_ID && id.startsWith(word.toLowerCase()))
  const [only, ...others] = matches
  if (only === undefined)
    throw new CommandError(
      "no_such_document",
      `no document is called "${word}"${tooShort(documents, word)}; there ${documents.length === 0 ? "is none" : `are: ${names(documents, word)}`}`,
    )
  if (others.length > 0)
    throw new CommandError(
      "ambiguous",
      `"${word}" may be any of ${matches.map(({ id, name }) => `${name} (${id})`).join(", ")}: name it by its id`,
    )
  return only
}

function tooShort(documents: readonly DocumentSnapshot[], word: string): string {
  const isBeginning = word !== "" && documents.some(({ id }) => id.startsWith(word.toLowerCase()))
  return isBeginning ? ` (of an id at least ${SHORTEST_ID} letters are needed)` : ""
}

/** A few names are a help, hundreds are not; those that hold the word come first. */
function names(documents: readonly DocumentSnapshot[], word: string): string {
  const has = ({ name }: DocumentSnapshot): number => Number(name.toLowerCase().includes(word.toLowerCase()))
  const shown = documents
    .toSorted((a, b) => has(b) - has(a))
    .map(({ name }) => name)
    .slice(0, 10)
  const rest = documents.length - shown.length
  return rest > 0 ? `${shown.join(", ")} and ${rest} more` : shown.join(", ")
}
