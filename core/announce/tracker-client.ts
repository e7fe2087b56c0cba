import type { z } from "zod"
import type { PeerAddress } from "../address/address.js"
import { parseHost } from "../address/host.js"
import { isThisMachine, ownHosts } from "../address/this-machine.js"
import type { SwarmStatus } from "../api/swarm-status.js"
import { displayText } from "../base/display.js"
import { TrackerError } from "../base/errors.js"
import { adviceFor } from "./error-advice.js"
import { type HttpAnswer, postJson } from "./http-exchange.js"
import { acceptPeers } from "./peer-filter.js"
import {
  type AliveRequestBody,
  type AnnounceEvent,
  aliveAnswerSchema,
  type ErrorAnswer,
  errorAnswerSchema,
  type HashRequest,
  hashAnswerSchema,
  type PeersRequest,
  peersAnswerSchema,
  type StatusRequestBody,
  statusAnswerSchema,
} from "./shapes.js"
import { readStatus } from "./status-answer.js"
import { statusWords } from "./status-words.js"
import { parseTrackerUrl } from "./tracker-url.js"

export interface TrackerClientOptions {
  /** "http://127.0.0.1:5000"; an unspecified host (0.0.0.0, ::) means this machine. */
  readonly url: string
  /** Of a private tracker: sent as bearer token (RFC 6750) with every request. */
  readonly token?: string
  /** Sent as User-Agent; default "p2p-tui". */
  readonly userAgent?: string
  /** For one whole exchange, milliseconds; default 15 s. */
  readonly timeoutMs?: number
  /** Of a tracker that is asked over loopback and serves other machines: where they reach this one, as it is now, if they do. */
  readonly hostForOthers?: () => string | undefined
}

/** Where this client listens, as its config says: `host` may be the unspecified address. */
export interface ListeningAddress {
  readonly listeningHost: string
  readonly listeningPort: number
}

export interface RegisterRequest extends ListeningAddress {
  /** Registers a document again under the uuid it has; without it the tracker makes one up. */
  readonly hash?: string
}

export interface AnnounceRequest extends ListeningAddress {
  readonly hash: string
  /** Bytes still missing. */
  readonly left?: number
  /** Payload of this session, bytes. Sent to BEP 3 trackers only. */
  readonly uploaded?: number
  readonly downloaded?: number
  readonly event?: AnnounceEvent
  /** Most peers wanted; 0 for none. The tracker has a cap of its own. */
  readonly limit?: number
}

export interface AnnounceAnswer {
  /** Peers worth a connection, without ourselves. */
  readonly peers: readonly PeerAddress[]
  /** Seconds the tracker wants us to wait before we ask again. */
  readonly intervalSeconds: number
  /** Never asked again before that, however much peers are missed; undefined for this project's, which may be asked sooner. */
  readonly minIntervalSeconds?: number
  /** Warnings of the tracker for the user, safe to display. */
  readonly warnings?: readonly string[]
  /** The tracker did not know the document and has registered it first. */
  readonly registeredAgain?: boolean
}

export interface AliveRequest extends ListeningAddress {
  /** Documents of which we have every part, as many as the tracker takes. */
  readonly hashes: readonly string[]
  readonly event?: "stopped"
  /** Documents that the tracker does not know are registered. Older trackers don't do so, and answer them as unknown. */
  readonly register?: boolean
}

export interface AliveAnswer {
  /** Documents the tracker does not know (any more). */
  readonly unknown: readonly string[]
  /** Documents that it did not know, and has registered. */
  readonly registered?: readonly string[]
  /** Documents that it takes in one request. */
  readonly most?: number
  /** Documents with a peer that lacks parts. */
  readonly wanted: readonly string[]
  readonly intervalSeconds: number
}

export interface StatusRequest {
  readonly hash: string
  /** Most machines wanted; 0 for the sums alone. */
  readonly limit?: number
}

/**
 * One tracker. Every call rejects with a TrackerError, whose code tells the caller what to do: "unreachable", "timeout", "busy"
 * (with retryAfterMs), "unknown_hash" (register again), "refused" (4xx: a retry won't help), "bad_answer", "too_large",
 * "forbidden_address" (named by a foreign torrent file, see foreign-get.ts); an aborted signal rejects with its reason. Nothing is
 * retried here: see schedule.ts.
 */
export interface TrackerClient {
  readonly url: string
  /** Registers a document and this client as its peer; resolves with the document's uuid. */
  register(request: RegisterRequest, signal?: AbortSignal): Promise<string>
  /** Announces this client (or its departure) and requests the other peers. */
  announce(request: AnnounceRequest, signal?: AbortSignal): Promise<AnnounceAnswer>
  /** How far the machines of a document are. Only this project's trackers support it, and older ones do not ("status_unsupported"). */
  status?(request: StatusRequest, signal?: AbortSignal): Promise<SwarmStatus>
  /** Announces several documents that are still seeded. Only this project's trackers support it. */
  alive?(request: AliveRequest, signal?: AbortSignal): Promise<AliveAnswer>
}

/** rain reads 2 MiB, libtorrent 1: some 40,000 peers, far beyond what is kept. */
export const MAX_ANSWER_BYTES = 2 * 1024 * 1024
export const DEFAULT_TIMEOUT_MS = 15_000

/** Longest wait before this project's tracker is asked again, ms, whatever it demands: its swarms depend on it. Our choice. */
const RETRY_AFTER_MAX_MS = 10 * 60_000

/** Of a tracker's own words, as much as fits a line or two. */
export const MAX_SHOWN_CHARACTERS = 200

/** Creates the client of one tracker. Throws a ConfigError when `url` is no http(s) address. */
export function createTrackerClient(options: TrackerClientOptions): TrackerClient {
  const base = parseTrackerUrl(options.url)
  const listening = listeningAs(options.hostForOthers ?? (() => undefined))
  const headers = {
    "user-agent": options.userAgent ?? "p2p-tui",
    ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
  }
  const post = (path: string, json: RequestBody, signal: AbortSignal | undefined) =>
    postJson({
      url: `${base.url}${path}`,
      json,
      headers,
      timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      maxBodyBytes: MAX_ANSWER_BYTES,
      signal,
    })
  return {
    url: base.url,
    async register(request, signal) {
      const answer = await post("/hash", { ...listening(request), hash: request.hash }, signal)
      return readAnswer(answer, hashAnswerSchema).hash
    },
    async announce(request, signal) {
      const { hash, left, event, limit } = request
      const answer = await post("/peers", { hash, ...listening(request), left, event, limit }, signal)
      const { remoteHost } = answer
      const { peers, interval } = readAnswer(answer, peersAnswerSchema)
      return {
        peers: acceptPeers(peers, {
          ownHosts: ownHosts(request.listeningHost),
          ownPort: request.listeningPort,
          // The address that answered, not the name in the config: Debian gives a machine's own name the address 127.0.1.1.
          trackerIsLocal: remoteHost !== undefined && isThisMachine(remoteHost),
        }),
        intervalSeconds: interval,
      }
    },
    async status({ hash, limit }, signal) {
      const answer = await post("/status", { hash, limit }, signal)
      return readStatus(answer, base.url, () => readAnswer(answer, statusAnswerSchema))
    },
    async alive(request, signal) {
      const { hashes, event, register } = request
      const body = {
        ...listening(request),
        hashes: [...hashes],
        ...(event && { event }),
        ...(register && { register }),
      }
      const { interval, ...answer } = readAnswer(await post("/alive", body, signal), aliveAnswerSchema)
      return { ...answer, intervalSeconds: interval }
    },
  }
}

type RequestBody = HashRequest | PeersRequest | AliveRequestBody | StatusRequestBody

function listeningAs(hostForOthers: () => string | undefined) {
  return ({ listeningHost, listeningPort }: ListeningAddress) => {
    // The address it sees would be loopback, which leads the others to themselves.
    const isAny = parseHost(listeningHost)?.kind === "unspecified"
    return { listening_host: (isAny ? hostForOthers() : undefined) ?? listeningHost, listening_port: listeningPort }
  }
}

function readAnswer<T>(answer: HttpAnswer<string>, schema: z.ZodType<T>): T {
  if (answer.status !== 200) throw refusal(answer)
  const value = parseJson(answer.body)
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const where = issue?.path.join(".") || "the body"
  const what = value === undefined ? "it is no JSON" : `${where}: ${issue?.message ?? "unknown"}`
  throw new TrackerError(
    "bad_answer",
    /^\s*</.test(answer.body)
      ? "the answer is a web page, not that of a tracker"
      : `the tracker's answer can't be understood: ${what}`,
    { status: answer.status, cause: parsed.error },
  )
}

function refusal(answer: HttpAnswer<string>): TrackerError {
  const { status, location } = answer
  const retryAfterMs = answer.retryAfterMs && Math.min(answer.retryAfterMs, RETRY_AFTER_MAX_MS)
  const words = statusWords(status, location)
  const parsed = errorAnswerSchema.safeParse(parseJson(answer.body))
  const said = parsed.success ? `: ${wordsOf(parsed.data.error)}` : ""
  // 507: its store is full, and has room again when documents are forgotten.
  if (status === 429 || status === 503 || status === 507)
    return new TrackerError("busy", `the tracker is ${status === 507 ? "full" : "busy"} (${words})${said}`, {
      status,
      retryAfterMs,
    })
  if (status === 404 && parsed.success && parsed.data.error.code === "unknown_hash")
    return new TrackerError("unknown_hash", "the tracker does not know this document", { status })
  if (status >= 400 && status < 500)
    return new TrackerError("refused", `the tracker refused (${words})${said}`, { status })
  return new TrackerError("bad_answer", `the tracker answered with ${words}, 200 is expected${said}`, { status })
}

function wordsOf({ code, message }: ErrorAnswer["error"]): string {
  return adviceFor(code) ?? displayText(message, MAX_SHOWN_CHARACTERS)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON: the schema refuses undefined with its own message.
    return undefined
  }
}
