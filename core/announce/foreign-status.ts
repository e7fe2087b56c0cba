import type { LimitFunction } from "p-limit"
import type { SwarmStatus } from "../api/swarm-status.js"
import { TrackerError } from "../base/errors.js"
import { getForeign } from "./foreign-get.js"
import { statusAnswerSchema } from "./shapes.js"
import { readStatus } from "./status-answer.js"
import { statusWords } from "./status-words.js"
import { DEFAULT_TIMEOUT_MS, MAX_ANSWER_BYTES, type StatusRequest } from "./tracker-client.js"

export interface ForeignStatusOptions {
  /** Base URL of the tracker. */
  readonly url: string
  readonly userAgent: string
  /** Runs each request when it is its turn. */
  readonly limit: LimitFunction
  /** Default: getForeign. */
  readonly get?: typeof getForeign
}

/** Asks a tracker that a torrent file or link names: with a GET under the restrictions of a foreign announce, and without a token. */
export async function foreignStatus(
  { url, userAgent, limit, get = getForeign }: ForeignStatusOptions,
  { hash, limit: machines }: StatusRequest,
  signal: AbortSignal | undefined,
): Promise<SwarmStatus> {
  const asked = new URL(url)
  asked.pathname = `${asked.pathname.replace(/\/+$/, "")}/status`
  asked.search = `?hash=${hash}${machines === undefined ? "" : `&limit=${machines}`}`
  const answer = await limit(() => {
    // Given up while it waited for its turn.
    signal?.throwIfAborted()
    return get({
      ...{ url: asked.href, headers: { "user-agent": userAgent }, timeoutMs: DEFAULT_TIMEOUT_MS, signal },
      maxBodyBytes: MAX_ANSWER_BYTES,
    })
  })
  const text = Buffer.from(answer.body).toString("utf8")
  return readStatus({ ...answer, body: text }, url, () => checked(answer.status, answer.location, text))
}

function checked(status: number, location: string | undefined, text: string) {
  const words = statusWords(status, location)
  if (status === 404) throw new TrackerError("unknown_hash", "the tracker does not know this document", { status })
  if (status === 429 || status === 503) throw new TrackerError("busy", `the tracker is busy (${words})`, { status })
  if (status !== 200) throw new TrackerError("refused", `the tracker refused (${words})`, { status })
  const parsed = statusAnswerSchema.safeParse(parsedJson(text))
  if (!parsed.success) throw new TrackerError("bad_answer", "the tracker's answer can't be understood", { status })
  return parsed.data
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON: the schema refuses undefined.
    return undefined
  }
}
