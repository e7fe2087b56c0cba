import { z } from "zod"

/**
 * What travels between client and tracker as JSON (docs/tracker/http-api.md). One schema per body, used by both sides, so
 * that they can't drift apart. Unknown keys are dropped: a newer client may talk to an older tracker.
 */

/** A document's id. Any uuid version is accepted; folded to lower case, so that it can be compared as text. */
export const uuidSchema = z.guid("must be a uuid").toLowerCase()

/** A TCP port of a reachable peer. 0 means "any" to a listener and nothing to a caller, so it is refused. */
const portSchema = z
  .int("must be a whole number from 1 to 65535")
  .min(1, "must be a whole number from 1 to 65535")
  .max(65_535, "must be a whole number from 1 to 65535")

/** An IP address or "localhost"; which ones are accepted is the tracker's business. 255 is the longest DNS name. */
const hostSchema = z.string("must be a text").min(1, "must not be empty").max(255, "must have at most 255 characters")

const wholeNumber = z.int("must be a whole number from 0 up").min(0, "must be a whole number from 0 up")

/** "started" with the first announce, "completed" once when the last part arrived, "stopped" when leaving. */
export const eventSchema = z.enum(["started", "completed", "stopped"], 'must be "started", "completed" or "stopped"')
export type AnnounceEvent = z.infer<typeof eventSchema>

/** Where a peer listens. */
export const peerSchema = z.object({ listening_host: hostSchema, listening_port: portSchema })
export type PeerShape = z.infer<typeof peerSchema>

/** POST /hash. With `hash`, a document the tracker lost is registered again under the id it has. */
export const hashRequestSchema = peerSchema.extend({ hash: uuidSchema.optional() })
export type HashRequest = z.infer<typeof hashRequestSchema>

/** Answer of POST /hash. */
export const hashAnswerSchema = z.object({ hash: uuidSchema })

/** POST /peers. `left`: bytes still missing, 0 for a seeder. `limit`: most peers wanted, 0 for none. */
export const peersRequestSchema = peerSchema.extend({
  hash: uuidSchema,
  left: wholeNumber.optional(),
  limit: wholeNumber.optional(),
  event: eventSchema.optional(),
})
export type PeersRequest = z.infer<typeof peersRequestSchema>

/** Seconds between announces when a tracker names none (the original system's does not). Our choice: a lost tracker has its swarm again in half a minute. */
export const DEFAULT_INTERVAL_SECONDS = 30

/**
 * Answer of POST /peers, as the client reads it. Peers are not checked here: one bad entry must not cost the others,
 * so `acceptPeers` looks at each. `interval`: seconds to wait before asking again. `total`: peers there are.
 */
export const peersAnswerSchema = z.object({
  peers: z.array(z.unknown()),
  interval: z.number().positive().default(DEFAULT_INTERVAL_SECONDS),
  total: wholeNumber.optional(),
})

/** Answer of POST /peers, as the tracker writes it. */
export interface PeersAnswer {
  readonly peers: readonly PeerShape[]
  readonly interval: number
  readonly total: number
}

/** Documents in one POST /alive to a tracker that has not said how many it takes: older ones take so many. */
export const FIRST_ALIVE_HASHES = 150

/** Documents in one POST /alive: 40 KB, and some milliseconds of the tracker. Our choice. */
export const MAX_ALIVE_HASHES = 1_000

/**
 * POST /alive: the caller has every part of these documents and needs no peers. "stopped" takes it off their lists. `register`: those that the
 * tracker does not know are registered under the ids they have.
 */
export const aliveRequestSchema = peerSchema.extend({
  hashes: z.array(uuidSchema).min(1, "must not be empty").max(MAX_ALIVE_HASHES, `must be ${MAX_ALIVE_HASHES} at most`),
  event: z.literal("stopped", 'must be "stopped"').optional(),
  register: z.boolean("must be true or false").optional(),
})
export type AliveRequestBody = z.infer<typeof aliveRequestSchema>

/**
 * Answer of POST /alive. `unknown`: to be registered again. `registered`: were unknown, and are not any more. `wanted`: a peer of the document
 * lacks parts. `most`: documents that this tracker takes in one request.
 */
export const aliveAnswerSchema = z.object({
  unknown: z.array(uuidSchema),
  registered: z.array(uuidSchema).default([]),
  wanted: z.array(uuidSchema),
  most: z.int().positive().default(FIRST_ALIVE_HASHES),
  interval: z.number().positive().default(DEFAULT_INTERVAL_SECONDS),
})

/** Machines in one answer of POST /status at most: some 1.3 MB. */
export const MAX_STATUS_MACHINES = 10_000

/** Machines in one answer of POST /status when the caller names no number. */
export const DEFAULT_STATUS_MACHINES = 1_000

/** POST /status. `limit`: most machines wanted, 0 for the sums alone. */
export const statusRequestSchema = z.object({ hash: uuidSchema, limit: wholeNumber.optional() })
export type StatusRequestBody = z.infer<typeof statusRequestSchema>

/** "silent": lacks something, and left or was not heard of for two intervals. */
const machineStateSchema = z.enum(["complete", "downloading", "silent"])
export type MachineState = z.infer<typeof machineStateSchema>

/** One machine: `left` bytes it lacks (null: it did not say), `rate` in bytes per second, `heard` seconds ago. */
export const machineSchema = peerSchema.extend({
  state: machineStateSchema,
  left: wholeNumber.nullable(),
  rate: z.number().min(0),
  heard: z.number().min(0),
})
export type MachineShape = z.infer<typeof machineSchema>

/** Answer of POST /status: the machines that lack most first, and how many there are of each state. */
export const statusAnswerSchema = z.object({
  machines: z.array(machineSchema),
  total: wholeNumber,
  complete: wholeNumber,
  downloading: wholeNumber,
  silent: wholeNumber,
})
export type StatusAnswerShape = z.infer<typeof statusAnswerSchema>

/** Body of every answer that is an error. `code` is stable snake_case, `message` is for people. */
export const errorAnswerSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) })
export type ErrorAnswer = z.infer<typeof errorAnswerSchema>
