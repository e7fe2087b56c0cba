import type { IncomingMessage } from "node:http"
import { eventSchema, uuidSchema } from "../../core/announce/shapes.js"
import { Refusal } from "../base/refusal.js"
import { isLowerCaseUuid } from "../base/uuid.js"
import type { DocumentCounts, SwarmView } from "../peers/peer-store.js"
import { announceToSwarm, askForMany, chargeWork, nextInterval } from "./announce-to-swarm.js"
import { callerOf, peerOf, reachableFrom } from "./client-address.js"
import { parameterOf, parametersOf, percentDecode } from "./query.js"
import type { Answer, Route, RouteContext } from "./route.js"

/** Peers a BitTorrent client gets when it names no number (BEP 3: "If not specified, the default is 50"). */
const DEFAULT_NUMWANT = 50

/**
 * GET /announce (BEP 3, 23, 7): the same swarm as POST /peers for any BitTorrent client. The document is named by
 * `hash` in the announce URL of an exported metainfo file. info_hash must have its 20 bytes; their value is not compared,
 * because the tracker does not know the info hash of a document.
 */
export const announceBep3: Route = (request, context) =>
  orFailure(async () => {
    const { url = "" } = request
    const caller = callerOf(request, context.proxies)
    const announce = {
      hash: checkDocument(parameterOf(url, "hash")),
      peer: peerOf(caller, portOf(url)),
      left: wholeNumberOf(url, "left"),
      event: eventOf(url),
      limit: Math.min(wholeNumberOf(url, "numwant") ?? DEFAULT_NUMWANT, context.maxPeers),
    }
    checkInfoHash(parameterOf(url, "info_hash"))
    const view = reachableFrom(caller, await announceToSwarm(announce, caller, context))
    return bencoded(encodeAnnounce(view, nextInterval(context)))
  })

/** Documents of one scrape; those beyond are left out, as other trackers do. */
const MAX_SCRAPED = 74

/**
 * GET /scrape (BEP 48): of one document, with as many info_hash as the client likes, or of several, each with an info_hash of its
 * own in the same order. Of several, those that are unknown are left out.
 */
export const scrapeBep48: Route = (request, context) =>
  orFailure(async () => {
    const { url = "" } = request
    const infoHashes = parametersOf(url, "info_hash", MAX_SCRAPED).map(checkInfoHash)
    const hashes = parametersOf(url, "hash", MAX_SCRAPED).map(checkDocument)
    if (infoHashes.length === 0) checkInfoHash(undefined)
    if (hashes.length === 0) checkDocument(undefined)
    if (hashes.length > 1 && hashes.length !== infoHashes.length)
      throw new Refusal(400, "bad_request", "hash: there must be one, or one for each info_hash")
    const found = await countAll(hashes, request, context)
    if (found.every((counts) => counts === undefined))
      throw new Refusal(404, "unknown_hash", "no such document was registered here")
    return bencoded(encodeScrape(infoHashes, hashes.length === 1 ? infoHashes.map(() => found[0]) : found))
  })

/** One costs as much as an announce; several are work that has a budget. */
function countAll(hashes: readonly string[], request: IncomingMessage, context: RouteContext) {
  const count = (hash: string) => context.store.count(hash)
  if (hashes.length === 1) return Promise.all(hashes.map(count))
  const caller = callerOf(request, context.proxies)
  chargeWork(caller, hashes.length, context)
  return askForMany(hashes, caller, context, count)
}

/** `found`: for each info hash. A dictionary's keys are in order and each of them is there once. */
function encodeScrape(infoHashes: readonly Buffer[], found: readonly (DocumentCounts | undefined)[]): string {
  const files = new Map<string, string>()
  for (const [index, infoHash] of infoHashes.entries()) {
    const counts = found[index]
    if (counts === undefined) continue
    const { seeders, leechers, completions } = counts
    const numbers = `8:completei${seeders}e10:downloadedi${completions}e10:incompletei${leechers}e`
    files.set(infoHash.toString("latin1"), `d${numbers}e`)
  }
  const inOrder = [...files.keys()].sort().map((key) => `20:${key}${files.get(key)}`)
  return `d5:filesd${inOrder.join("")}ee`
}

/** BitTorrent clients read why they were refused from a "failure reason", and only in a 200. */
async function orFailure(answer: () => Promise<Answer>): Promise<Answer> {
  try {
    return await answer()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const failure = `d14:failure reason${Buffer.byteLength(error.message)}:${error.message}e`
    return { ...bencoded(Buffer.from(failure)), refused: error.code }
  }
}

/** Keys in order, as bencoding demands; one character for each byte. */
function encodeAnnounce(view: SwarmView, interval: number): string {
  const { seeders, leechers, peers4, peers6 } = view
  const list6 = peers6.length === 0 ? "" : `6:peers6${bencodedBytes(peers6)}`
  const list4 = bencodedBytes(peers4)
  return `d8:completei${seeders}e10:incompletei${leechers}e8:intervali${interval}e5:peers${list4}${list6}e`
}

function bencodedBytes({ buffer, byteOffset, length }: Uint8Array): string {
  return `${length}:${Buffer.from(buffer, byteOffset, length).toString("latin1")}`
}

const TEXT_HEADERS = ["content-type", "text/plain"]

function bencoded(body: Buffer | string): Answer {
  return { headers: TEXT_HEADERS, body }
}

function checkInfoHash(encoded: string | undefined): Buffer {
  const infoHash = percentDecode(encoded ?? "")
  if (infoHash.length === 20) return infoHash
  throw new Refusal(400, "bad_request", `info_hash: must have 20 bytes, has ${infoHash.length}`)
}

function checkDocument(hash: string | undefined): string {
  if (hash !== undefined && isLowerCaseUuid(hash)) return hash
  const parsed = uuidSchema.safeParse(hash)
  if (parsed.success) return parsed.data
  throw new Refusal(400, "bad_request", "hash: the announce URL must name a document (?hash=<uuid>)")
}

function portOf(url: string): number {
  const port = wholeNumberOf(url, "port")
  if (port !== undefined && port >= 1 && port <= 65_535) return port
  throw new Refusal(400, "bad_request", "port: must be a whole number from 1 to 65535")
}

function eventOf(url: string) {
  const event = parameterOf(url, "event")
  if (event === undefined) return undefined
  // Some clients send an empty one with their regular announces (BEP 3), and new BEPs add words: none of our business.
  const parsed = eventSchema.safeParse(event)
  return parsed.success ? parsed.data : undefined
}

function wholeNumberOf(url: string, name: string): number | undefined {
  const text = parameterOf(url, name)
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
