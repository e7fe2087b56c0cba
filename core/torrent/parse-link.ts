import { CommandError } from "../base/errors.js"
import { isDocumentHash } from "./document-hash.js"
import {
  formatLink,
  LINK_KEY_CHARACTERS,
  type Link,
  type LinkHints,
  MAGNET_SCHEME,
  type OpenLink,
  PRIVATE_SCHEME,
  type PrivateLink,
} from "./link.js"
import { parseInfoHash } from "./parse-info-hash.js"
import { MAX_NAME_BYTES, SECRET_BYTES } from "./parse-torrent.js"
import { cutToBytes } from "./safe-name.js"
import { isHttpUrl, isStandardTrackerUrl, usableTrackers } from "./tracker-urls.js"

/** Longest text that is read as a link, and peers that are kept of one (our choice: a chat message, and more than any client writes). */
export const MAX_LINK_CHARACTERS = 64 * 1024
const MAX_LINK_PEERS = 100

/** True when a text is meant to be a link, whatever surrounds it. */
export function isLink(text: string): boolean {
  return SCHEME.test(bareLink(text.slice(0, MAX_LINK_CHARACTERS)))
}

const SCHEME = new RegExp(`^(?:${MAGNET_SCHEME}|${PRIVATE_SCHEME})`, "i")

/**
 * Reads a link as people pass it on: with blanks, quotes and brackets around it, broken into lines, escaped by a shell or a web page.
 * What stands behind "#" is never part of a message.
 * @throws CommandError "bad_link".
 */
export function parseLink(text: string): Link {
  if (text.length > MAX_LINK_CHARACTERS)
    throw badLink(`it has ${text.length} characters, at most ${MAX_LINK_CHARACTERS} are read`)
  const bare = bareLink(text)
  if (bare.toLowerCase().startsWith(MAGNET_SCHEME)) return parseMagnet(bare.slice(MAGNET_SCHEME.length))
  if (bare.toLowerCase().startsWith(PRIVATE_SCHEME)) return parsePrivate(bare.slice(PRIVATE_SCHEME.length))
  throw badLink('it begins with neither "magnet:" nor "p2p-tui:"')
}

/** The link in one line, without what was put around it, or undefined for what is none that can be read. */
export function tidyLink(text: string): string | undefined {
  try {
    return isLink(text) ? formatLink(parseLink(text)) : undefined
  } catch (error) {
    if (error instanceof CommandError) return undefined
    throw error
  }
}

/** Around a link: quotes and brackets of texts, and the end of a sentence. A base64url digit is none of them. */
const AROUND = "\\s\"'`<>()\\[\\]{}«»‹›„“”‚‘’,;.!"
const LEADING = new RegExp(`^[${AROUND}]+`, "u")
const TRAILING = new RegExp(`[${AROUND}]+$`, "u")

/** The link without what chats, mails, shells and web pages put around and into it. */
function bareLink(text: string): string {
  return (
    text
      // A mail quotes each line with ">".
      .replace(/[ \t]*[\r\n\u2028\u2029]+[ \t>]*/g, "")
      .replace(/\p{Cf}/gu, "")
      .replace(/\\([?=&#%])/g, "$1")
      .replaceAll("&amp;", "&")
      .replace(LEADING, "")
      .replace(TRAILING, "")
  )
}

function parseMagnet(rest: string): OpenLink {
  const [query = ""] = rest.replace(/^\/*\?/, "").split("#")
  const values = valuesOf(query)
  const topics = values.get("xt") ?? []
  const hashes = new Set(topics.flatMap((topic) => /^urn:btih:(.*)$/i.exec(topic.replace(/\s/g, ""))?.[1] ?? []))
  const found = new Map([...hashes].map(infoHashOf).map((hash) => [Buffer.from(hash).toString("hex"), hash]))
  const [infoHash] = found.values()
  if (infoHash === undefined) throw badLink(withoutHash(topics))
  if (found.size > 1) throw badLink("it names several torrents; one is needed")
  return { kind: "open", infoHash, ...hintsOf(values, isStandardTrackerUrl) }
}

function infoHashOf(text: string): Uint8Array {
  const infoHash = parseInfoHash(text)
  if (infoHash !== undefined) return infoHash
  throw badLink(`its info hash (xt=urn:btih:) has ${text.length} characters; 40 hex or 32 base32 digits are needed`)
}

function withoutHash(topics: readonly string[]): string {
  return topics.some((topic) => /^urn:btmh:/i.test(topic))
    ? "the magnet link is of BitTorrent version 2 only; version 1 (xt=urn:btih:) is needed"
    : "the magnet link names no torrent (xt=urn:btih:); was it cut?"
}

function parsePrivate(rest: string): PrivateLink {
  const [before = "", ...behind] = rest.split("#")
  const [id = "", ...query] = before.replace(/^\/\//, "").split("?")
  const uuid = id.replace(/[\s/]/g, "").toLowerCase()
  if (!isDocumentHash(uuid)) throw badLink('behind "p2p-tui:" the uuid of the document is needed')
  const key = keyOf(behind.join("#").replace(/\s/g, ""), behind.length > 0)
  return {
    kind: "private",
    id: uuid,
    secret: key.subarray(0, SECRET_BYTES),
    infoDigest: key.subarray(SECRET_BYTES),
    ...hintsOf(valuesOf(query.join("?")), isHttpUrl),
  }
}

/** The digits are secret: a message counts them. */
function keyOf(digits: string, isThere: boolean): Uint8Array {
  if (!isThere || digits === "")
    throw badLink('the key behind "#" is missing: it was cut, or the shell took it; quote it')
  const wrong = /[^A-Za-z0-9_-]/u.exec(digits)
  if (wrong !== null)
    throw badLink(`character ${wrong.index + 1} behind "#" is none of a key (letters, digits, "-" and "_")`)
  if (digits.length !== LINK_KEY_CHARACTERS)
    throw badLink(`the key behind "#" has ${digits.length} characters, it must be ${LINK_KEY_CHARACTERS}; was it cut?`)
  const key = Uint8Array.from(Buffer.from(digits, "base64url"))
  if (Buffer.from(key).toString("base64url") !== digits) throw badLink('the last character behind "#" is wrong')
  return key
}

/** Values by key in their order, percent-decoded; "tr.1" is "tr". */
function valuesOf(query: string): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>()
  for (const field of query.split("&")) {
    const at = field.indexOf("=")
    if (at < 0) continue
    const key = field
      .slice(0, at)
      .trim()
      .toLowerCase()
      .replace(/\.\d+$/, "")
    const value = percentDecoded(field.slice(at + 1).trim())
    const present = values.get(key)
    if (present === undefined) values.set(key, [value])
    else present.push(value)
  }
  return values
}

/** A "%" that begins no byte was meant as it stands. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function hintsOf(values: ReadonlyMap<string, readonly string[]>, isTracker: (url: string) => boolean): LinkHints {
  const [name] = values.get("dn") ?? []
  const [size] = values.get("xl") ?? []
  const sizeBytes = size !== undefined && /^\d{1,16}$/.test(size) ? Number(size) : undefined
  return {
    // Web pages write a blank as "+".
    ...(name !== undefined && name !== "" && { name: cutToBytes(name.replaceAll("+", " "), MAX_NAME_BYTES) }),
    ...(Number.isSafeInteger(sizeBytes) && { sizeBytes }),
    trackers: usableTrackers(values.get("tr") ?? [], isTracker),
    peers: [...new Set((values.get("x.pe") ?? []).filter(isPeer))].slice(0, MAX_LINK_PEERS),
  }
}

const PEER = /^(?:\[[0-9a-f:.]{2,45}\]|[^\s:/?#@[\]\p{C}]{1,255}):(\d{1,5})$/iu

function isPeer(text: string): boolean {
  const port = Number(PEER.exec(text)?.[1])
  return port >= 1 && port <= 65_535
}

function badLink(what: string): CommandError {
  return new CommandError("bad_link", `the link can't be read: ${what}`)
}
