import type { DocumentSnapshot } from "../../core/index.js"
import { remembered } from "../base/remembered.js"
import { listedName } from "./folder-words.js"

/** Letters of an id that name a document at least, as `find` of the library takes them. */
const SHORTEST_ID = 4

type Named = Pick<DocumentSnapshot, "id" | "name" | "isFolder">

/**
 * What each document is called: by its name, and where others have the same one, by the beginning of its id behind it, as long as that
 * names only this document.
 */
export const namesApart = remembered((documents: readonly Named[]): ReadonlyMap<string, string> => {
  const counts = new Map<string, number>()
  for (const { name } of documents) counts.set(name, (counts.get(name) ?? 0) + 1)
  // Few ids begin alike: a thousand documents of one name do not cost a million comparisons a frame.
  const alike = counts.size === documents.length ? new Map<string, string[]>() : byBeginning(documents)
  return new Map(
    documents.map(({ id, name, isFolder }) => {
      const listed = listedName(name, isFolder)
      if (counts.get(name) === 1) return [id, listed]
      return [id, `${listed} (${shortId(id, alike.get(beginningOf(id)) ?? [])})`]
    }),
  )
})

function byBeginning(documents: readonly Named[]): ReadonlyMap<string, readonly string[]> {
  const alike = new Map<string, string[]>()
  for (const { id } of documents) {
    const others = alike.get(beginningOf(id))
    if (others === undefined) alike.set(beginningOf(id), [id])
    else others.push(id)
  }
  return alike
}

function beginningOf(id: string): string {
  return id.slice(0, SHORTEST_ID)
}

/** The shortest beginning of `id` that no other of `ids` has. */
function shortId(id: string, ids: readonly string[]): string {
  let length = Math.min(SHORTEST_ID, id.length)
  const isShared = (): boolean => ids.some((other) => other !== id && other.startsWith(id.slice(0, length)))
  while (length < id.length && isShared()) length++
  return id.slice(0, length)
}
