import { z } from "zod"
import { parseHost, parseHostLists } from "../../core/index.js"
import { nearest } from "../base/nearest.js"
import { parseRate, RATE_FORMS } from "../base/rate.js"
import { NOTIFICATIONS, THEMES } from "../base/screen-config.js"
import { parseJson } from "./locate-json-fault.js"
import { parseTrackerHost } from "./tracker-address.js"

/** RFC 6750, 2.1: what a bearer token may be made of. */
export const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/

const listeningPort = z.int().min(0).max(65_535)
const trackerPort = z.int().min(1).max(65_535)

/** No path and no name has a NUL; the system would take what stands before it. */
const text = z
  .string()
  .min(1)
  .refine((value) => !value.includes("\0"))

const token = z.string().regex(TOKEN)

const tracker = z.strictObject({
  host: text.superRefine((value, context) => {
    const parsed = parseTrackerHost(value)
    if (typeof parsed === "string") context.addIssue({ code: "custom", message: parsed })
  }),
  port: trackerPort,
  token: token.optional(),
  tokenFile: text.optional(),
})

const rate = z.union([z.int().min(1), z.string().refine((text) => parseRate(text) !== undefined)])

/** A list of hosts, or several. */
const peers = z.union([text, z.array(text)]).superRefine((value, context) => {
  const parsed = parseHostLists([value].flat())
  if (typeof parsed === "string") context.addIssue({ code: "custom", message: parsed })
})

/** An address that a stranger can connect to: of this machine's network, or of the router in front of it. */
const announcedHost = z.string().refine((text) => parseHost(text)?.kind === "ordinary")

/** Only programs of this machine may read what a client does. */
const loopbackHost = z.string().refine((value) => value === "localhost" || parseHost(value)?.kind === "loopback")

/** A program and its arguments. */
const hook = z.tuple(
  [text],
  z.string().refine((value) => !value.includes("\0")),
)

const config = z.strictObject({
  self: z.strictObject({
    service: text,
    host: text
      .refine((value) => !/[\s/]/.test(value), {
        error: 'is an address to listen on, such as "0.0.0.0", not a URL',
      })
      // As a tracker's host is written; the system takes none.
      .transform((value) => value.replace(/^\[(.*:.*)\]$/, "$1")),
    port: listeningPort,
  }),
  tracker: z.union([tracker, z.array(tracker).min(1)]).optional(),
  peers: peers.optional(),
  lan: z.boolean().optional(),
  announce: z.strictObject({ host: announcedHost.optional(), port: trackerPort.optional() }).optional(),
  state: text.optional(),
  limits: z.strictObject({ download: rate.optional(), upload: rate.optional() }).optional(),
  watch: z.boolean().optional(),
  metrics: z.strictObject({ port: trackerPort, host: loopbackHost.optional() }).optional(),
  hooks: z.strictObject({ done: hook.optional(), failed: hook.optional() }).optional(),
  log: z.strictObject({ level: z.enum(["debug", "info", "warn", "error"]).optional() }).optional(),
  screen: z
    .strictObject({
      ascii: z.boolean().optional(),
      theme: z.enum(THEMES).optional(),
      notify: z.enum(NOTIFICATIONS).optional(),
      title: z.boolean().optional(),
      progress: z.boolean().optional(),
    })
    .optional(),
})

/** The config file's own shape. */
export type RawConfig = z.infer<typeof config>

/** The keys that each part of a config may have, for "did you mean". */
const KNOWN_KEYS: Readonly<Record<string, readonly string[]>> = {
  "": Object.keys(config.shape),
  self: Object.keys(config.shape.self.shape),
  tracker: Object.keys(tracker.shape),
  announce: Object.keys(config.shape.announce.unwrap().shape),
  limits: Object.keys(config.shape.limits.unwrap().shape),
  metrics: Object.keys(config.shape.metrics.unwrap().shape),
  hooks: Object.keys(config.shape.hooks.unwrap().shape),
  log: Object.keys(config.shape.log.unwrap().shape),
  screen: Object.keys(config.shape.screen.unwrap().shape),
}

/** "a", "b" or "c". */
function quoted(words: readonly string[]): string {
  const all = words.map((word) => `"${word}"`)
  return `${all.slice(0, -1).join(", ")} or ${all.at(-1)}`
}

const HOOK_FORM = 'a list of a program and its arguments, such as ["/usr/local/bin/tell", "--now"]'

/** What each value must be, in words; zod's own are about types, not about this config. */
const EXPECTED: Readonly<Record<string, string>> = {
  "": 'an object with "self", and "tracker" or another way to peers',
  self: 'an object with "service", "host" and "port"',
  "self.service": "a folder, relative to the config file",
  "self.host": 'an address to listen on, such as "0.0.0.0"',
  "self.port": "a whole number from 0 (any free port) to 65535",
  tracker: 'an object with "host" and "port", or a list of such',
  "tracker.host": 'a name or address, such as "http://127.0.0.1" or "https://example.org/p2p"',
  "tracker.port": "a whole number from 1 to 65535",
  "tracker.token": "letters, digits and any of ._~+/-",
  "tracker.tokenFile": "a file that holds the token, relative to the config file",
  peers: 'hosts with ports, such as "node[001-128].lab:7001,10.0.0.5:7001", or a list of such',
  lan: "true or false",
  announce: 'an object with "host" or "port": where others reach this client, when that is not where it listens',
  "announce.host": 'an IP address that others can reach, such as "203.0.113.5"',
  "announce.port": "a whole number from 1 to 65535",
  state: "a folder for what this client must remember, relative to the config file",
  limits: 'an object with "download" or "upload"',
  "limits.download": RATE_FORMS,
  "limits.upload": RATE_FORMS,
  watch: "true or false",
  metrics: 'an object with "port"',
  "metrics.port": "a whole number from 1 to 65535",
  "metrics.host": 'an address of this machine alone, such as "127.0.0.1" or "::1"',
  hooks: 'an object with "done" or "failed"',
  "hooks.done": HOOK_FORM,
  "hooks.failed": HOOK_FORM,
  log: 'an object with "level"',
  "log.level": '"debug", "info", "warn" or "error"',
  screen: 'an object with "ascii", "theme", "notify", "title" or "progress"',
  "screen.ascii": "true or false",
  "screen.theme": quoted(THEMES),
  "screen.notify": quoted(NOTIFICATIONS),
  "screen.title": "true or false",
  "screen.progress": "true or false",
}

/** Every key that holds a value, with its place: "limits.download". */
export const KEY_NAMES: readonly string[] = Object.keys(EXPECTED).filter((key) =>
  Object.keys(EXPECTED).every((other) => key !== "" && !other.startsWith(`${key}.`)),
)

export type ParsedConfig =
  | { readonly config: RawConfig; readonly faults?: undefined }
  | { readonly config?: undefined; readonly faults: readonly string[] }

/** Checks the text of a config file. Either the config or one sentence for each fault. */
export function parseConfig(text: string): ParsedConfig {
  // Windows PowerShell writes it by default; read as UTF-8, its mark becomes two characters that stand for what can't be read.
  if (text.startsWith("\uFFFD\uFFFD")) return { faults: ["is UTF-16; save it as UTF-8"] }
  // Editors of some systems put a byte order mark in front, which JSON.parse refuses.
  const json = parseJson(text.replace(/^\uFEFF/, ""))
  if (json.fault !== undefined) return { faults: [`is no JSON: ${json.fault}`] }
  const { value } = json
  const result = config.safeParse(value)
  if (result.success) return { config: result.data }
  return { faults: [...new Set(result.error.issues.flatMap((issue) => faultsOf(issue, value)))] }
}

type Issue = z.core.$ZodIssue

function faultsOf(issue: Issue, root: unknown, prefix: readonly PropertyKey[] = []): readonly string[] {
  const path = [...prefix, ...issue.path]
  const shown = path.map(String).join(".")
  const kind = path.filter((step) => typeof step !== "number").join(".")
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(key, shown, kind))
  if (issue.code === "invalid_union" && kind === "tracker") return trackerFaults(issue, root, path)
  if (issue.code === "custom" && issue.message !== "Invalid input") return [`${shown}: ${issue.message}`]
  const received = valueAt(root, path)
  const what = received === undefined ? "is missing" : `is ${inText(received)}`
  return [`${shown === "" ? "the file" : shown} ${what}; allowed: ${EXPECTED[kind] ?? "another value"}`]
}

/** Of the two forms of "tracker", keeps the faults of the one that was meant. */
function trackerFaults(issue: Issue, root: unknown, path: readonly PropertyKey[]): readonly string[] {
  const value = valueAt(root, path)
  if (
    issue.code !== "invalid_union" ||
    typeof value !== "object" ||
    value === null ||
    (Array.isArray(value) && value.length === 0)
  ) {
    const what = value === undefined ? "is missing" : `is ${inText(value)}`
    return [`${path.join(".")} ${what}; allowed: ${EXPECTED["tracker"]}`]
  }
  const branch = issue.errors[Array.isArray(value) ? 1 : 0] ?? []
  return branch.flatMap((inner) => faultsOf(inner, root, path))
}

function unknownKey(key: string, shown: string, kind: string): string {
  const known = KNOWN_KEYS[kind] ?? []
  const candidate = nearest(key, known)
  const full = shown === "" ? key : `${shown}.${key}`
  const hint = candidate === undefined ? `; known: ${known.join(", ")}` : `, did you mean "${candidate}"?`
  return `unknown key "${full}"${hint}`
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined
    value = Reflect.get(value, step)
  }
  return value
}

/** A value as the file has it; JSON.stringify would call a number that is too large null. */
function inText(value: unknown): string {
  return typeof value === "number" && !Number.isFinite(value)
    ? "a number too large to be read"
    : shorten(JSON.stringify(value))
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`
}
