import { formatHostPort, parseHost } from "./host.js"

/** A host of a list of peers: an IP address in normal form or a name, and a port, 1..65535. */
export interface ListedHost {
  readonly host: string
  readonly port: number
}

/** Hosts of all lists of a client together. Our choice: a third of the addresses that a document knows. */
export const MAX_LISTED_HOSTS = 1_024

/** Longest number in a range, digits: nine are exact in every sum. */
const MAX_DIGITS = 9

/** RFC 1123, 2.1; an underscore is in use in private networks. */
const NAME =
  /^(?=.{1,253}\.?$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.?$/i

/** What is wrong with a list, in one sentence. */
class BadList extends Error {}

/**
 * Unfolds lists such as "node[001-128].lab:7001,10.0.0.[1-20]:7001,[fd00::1]:7001": a bracket holds numbers and ranges, and digits that begin
 * with 0 give the width. Each host once, in the order given. Returns a sentence about what is wrong otherwise.
 */
export function parseHostLists(lists: readonly string[]): readonly ListedHost[] | string {
  const hosts = new Map<string, ListedHost>()
  try {
    for (const entry of lists.flatMap(entriesOf)) {
      for (const host of hostsOf(entry, MAX_LISTED_HOSTS)) hosts.set(formatHostPort(host.host, host.port), host)
      if (hosts.size > MAX_LISTED_HOSTS) throw tooMany()
    }
  } catch (error) {
    if (error instanceof BadList) return error.message
    throw error
  }
  return [...hosts.values()]
}

/** Splits at the commas outside of brackets. */
function entriesOf(list: string): readonly string[] {
  const entries: string[] = []
  let depth = 0
  let entry = ""
  for (const character of list) {
    if (character === "[") depth++
    if (character === "]") depth--
    if (depth < 0 || depth > 1) throw new BadList(`"${shown(list)}" has brackets that don't match`)
    if (character === "," && depth === 0) {
      entries.push(entry)
      entry = ""
    } else entry += character
  }
  if (depth !== 0) throw new BadList(`"${shown(list)}" has a bracket without its end`)
  const trimmed = [...entries, entry].map((each) => each.trim())
  // A comma at the end is what a script leaves behind.
  if (trimmed.length > 1 && trimmed.at(-1) === "") trimmed.pop()
  if (trimmed.includes("")) throw new BadList(`"${shown(list)}" has an empty entry`)
  return trimmed
}

function hostsOf(entry: string, most: number): readonly ListedHost[] {
  const found = /^(.+):(\d{1,5})$/.exec(entry)
  const [, host = "", digits = ""] = found ?? []
  const port = Number(digits)
  if (found === null || (host.includes(":") && !host.startsWith("[")))
    throw new BadList(`"${shown(entry)}" has no port; expected "host:port", an IPv6 address in brackets`)
  if (port < 1 || port > 65_535) throw new BadList(`"${shown(entry)}" has the port ${port}; allowed: 1 to 65535`)
  if (/^\[[^\]]*:[^\]]*\]$/.test(host)) return [{ host: checkedHost(host.slice(1, -1), entry), port }]
  return unfold(host, entry, most).map((each) => ({ host: checkedHost(each, entry), port }))
}

/** Every host that the brackets stand for; their number is known before any is made. */
function unfold(pattern: string, entry: string, most: number): readonly string[] {
  const pieces = pattern.split(/[[\]]/).map((text, index) => (index % 2 === 0 ? [text] : rangesOf(text, entry)))
  const count = pieces.reduce((product, choices) => product * choices.length, 1)
  if (count > most) throw tooMany()
  return pieces.reduce<readonly string[]>(
    (made, choices) => made.flatMap((start) => choices.map((each) => `${start}${each}`)),
    [""],
  )
}

/** "1,3,5-7" of a bracket. */
function rangesOf(text: string, entry: string): readonly string[] {
  return text.split(",").flatMap((range) => {
    const found = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(range)
    const [, first = "", last = first] = found ?? []
    if (found === null || first.length > MAX_DIGITS || last.length > MAX_DIGITS)
      throw new BadList(
        `"${shown(entry)}" has "[${shown(text)}]"; expected numbers and ranges, such as [1-20] or [001,005-128]`,
      )
    const [from, to] = [Number(first), Number(last)]
    if (from > to) throw new BadList(`"${shown(entry)}" has the range ${first}-${last}, which ends before it begins`)
    if (to - from >= MAX_LISTED_HOSTS) throw tooMany()
    const width = first.startsWith("0") ? first.length : 0
    return Array.from({ length: to - from + 1 }, (_, index) => String(from + index).padStart(width, "0"))
  })
}

function checkedHost(host: string, entry: string): string {
  const parsed = parseHost(host)
  if (parsed !== undefined) {
    if (parsed.kind === "ordinary" || parsed.kind === "loopback") return parsed.host
    throw new BadList(`"${shown(entry)}" has ${parsed.host}, an address that no peer can have`)
  }
  // A name whose last label is a number would be an address in one of its odd spellings.
  if (NAME.test(host) && !/(?:^|\.)\d+\.?$/.test(host)) return host.toLowerCase()
  throw new BadList(`"${shown(entry)}" has "${shown(host)}", which is neither a name nor an address`)
}

function tooMany(): BadList {
  return new BadList(`more than ${MAX_LISTED_HOSTS} hosts; that is the most a client takes`)
}

function shown(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`
}
