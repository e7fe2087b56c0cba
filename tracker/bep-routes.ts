import { eventSchema, uuidSchema } from "../core/announce/shapes.js"
import { announceToSwarm, nextInterval } from "./announce-to-swarm.js"
import { callerOf, peerOf, reachableFrom } from "./client-address.js"
import type { SwarmView } from "./peer-store.js"
import { parameterOf, percentDecode } from "./query.js"
import { Refusal } from "./refusal.js"
import type { Answer, Route } from "./route.js"
import { isLowerCaseUuid } from "./uuid.js"

/** Peers a BitTorrent client gets when it names no number (BEP 3: "If not specified, the default is 50"). */
const DEFAULT_NUMWANT = 50

/**
 * GET /announce (BEP 3, 23, 7): the same swarm as POST /peers for any BitTorrent client. The document is named by
 * `hash` in the announce URL of an exported metainfo file. info_hash must have its 20 bytes; which they are is not compared,
 * because the tracker is not told the info hash of a document.
 */
export const announceBep3: Route = (request, context) =>
  orFailure(async () => {
    const { url = "" } = request
    const caller = callerOf(request, context.proxies)
    const announce = {
      hash: documentOf(url),
      peer: peerOf(caller, portOf(url)),
      left: wholeNumberOf(url, "left"),
      event: eventOf(url),
      limit: Math.min(wholeNumberOf(url, "numwant") ?? DEFAULT_NUMWANT, context.maxPeers),
    }
    infoHashOf(url)
    const view = reachableFrom(caller, await announceToSwarm(announce, caller, context))
    return bencoded(encodeAnnounce(view, nextInterval(context)))
  })

/** GET /scrape (BEP 48) of one document. Completions are not counted: "downloaded" is always 0. */
export const scrapeBep48: Route = (request, context) =>
  orFailure(async () => {
    const { url = "" } = request
    const infoHash = infoHashOf(url)
    const counts = await context.store.count(documentOf(url))
    if (counts === undefined) throw new Refusal(404, "unknown_hash", "no such document was registered here")
    const numbers = `8:completei${counts.seeders}e10:downloadedi0e10:incompletei${counts.leechers}e`
    return bencoded(Buffer.concat([Buffer.from("d5:filesd20:"), infoHash, Buffer.from(`d${numbers}eee`)]))
  })

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

function infoHashOf(url: string): Buffer {
  const infoHash = percentDecode(parameterOf(url, "info_hash") ?? "")
  if (infoHash.length === 20) return infoHash
  throw new Refusal(400, "bad_request", `info_hash: must have 20 bytes, has ${infoHash.length}`)
}

function documentOf(url: string): string {
  const hash = parameterOf(url, "hash")
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
