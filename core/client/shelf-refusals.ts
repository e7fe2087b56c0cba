import { CommandError } from "../base/errors.js"
import type { Document } from "../document/document.js"

/** The document is in the list with another path. */
export function elsewhere(document: Document): CommandError {
  const what = `this document is in the list already, at ${document.filePath}; remove it first to have it elsewhere`
  return new CommandError("already_there", what)
}

/** A document can't change between private and open, so the two torrent files exclude each other. */
export function otherSecret(document: Document): CommandError {
  const what = `${document.name} is in the list already under this id, but with another Secret (or one of the two without)`
  return new CommandError("other_secret", `${what}; remove it first`)
}

/** Its change may be meant: the user has to say that it is not. */
export function ownFile({ name, filePath }: Document): CommandError {
  const what = `${filePath} was shared from here, and what differs in it may be a change of yours`
  return new CommandError("own_file", `${what}; "repair ${name} --yes" replaces it by what peers have`)
}
