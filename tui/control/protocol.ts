import { z } from "zod"
import { MAX_EXCEPTIONS, MAX_FILE_ROWS } from "../../core/index.js"
import type { ExitCode } from "../base/exit-codes.js"
import type { Failure, Report } from "../commands/report.js"
import type { Picture } from "./picture.js"

/** Of the greeting, `hello` and `quit`, which every version understands. All else is for the same version of the program only. */
export const CONTROL_PROTOCOL = 1

/** A line of commands has at most 64 KiB, and every byte of it may be escaped in JSON. Our choice. */
export const MAX_REQUEST_BYTES = 512 * 1024

/** The rest is for what is around the command. */
const MAX_COMMAND_BYTES = MAX_REQUEST_BYTES - 1024

/** A list of 50,000 documents fits. Our choice. */
export const MAX_ANSWER_BYTES = 64 * 1024 * 1024

/** The first line of the running client. */
export const greetingSchema = z.object({
  control: z.number(),
  /** "p2p-tui 0.1.0" */
  version: z.string(),
  pid: z.number(),
  /** It ends with a single command. */
  brief: z.boolean(),
})
export type Greeting = z.infer<typeof greetingSchema>

/** Of the engine's warnings: all, those of the caller's own downloads, or none. */
const notes = z.enum(["all", "own", "none"])

const treeQuery = z.object({
  filter: z.string().optional(),
  sort: z.enum(["path", "size", "done"]),
  descending: z.boolean().optional(),
  isOpen: z.boolean(),
  except: z.array(z.number().int().min(0)).max(MAX_EXCEPTIONS).readonly(),
  from: z.number().int().min(0),
  count: z.number().int().min(0).max(MAX_FILE_ROWS),
})

export const requestSchema = z.discriminatedUnion("kind", [
  /** The first request; `folder`: where relative paths begin. */
  z.object({ kind: z.literal("hello"), version: z.string(), folder: z.string().optional(), notes }),
  z.object({ kind: z.literal("run"), run: z.number(), command: z.union([z.string(), z.array(z.string()).min(1)]) }),
  /** Wants `settled`. */
  z.object({ kind: z.literal("settle") }),
  z.object({ kind: z.literal("quit") }),
  /** What a screen said, for the log. */
  z.object({ kind: z.literal("note"), level: z.enum(["info", "warn"]), name: z.string(), message: z.string() }),
  /** A screen looks on, and wants the details of the selected document, of all, and the log. */
  z.object({
    kind: z.literal("watch"),
    selected: z.string().optional(),
    all: z.boolean(),
    log: z.boolean(),
    cell: z.object({ start: z.number().int().min(0), end: z.number().int().min(0) }).optional(),
    files: z.object({ id: z.string(), query: treeQuery }).optional(),
  }),
  /** The last picture has arrived: another may be sent. */
  z.object({ kind: z.literal("seen") }),
])
export type Request = z.infer<typeof requestSchema>

export type Answer =
  /** The client serves; until then requests wait. `ready`: what line mode says first. */
  | { readonly kind: "ready"; readonly ready: Report; readonly serviceFolder: string; readonly stateFolder: string }
  /** The connection ends. */
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "report"; readonly run: number; readonly report: Report }
  | { readonly kind: "failure"; readonly run: number; readonly failure: Failure }
  /** `exitCode`: of all commands so far. `quits`: it was "quit", and the client ends. */
  | Done
  | { readonly kind: "settled"; readonly exitCode: ExitCode; readonly isUnfinished: boolean }
  /** The client is being left; the connection ends when it has given its folder back. */
  | { readonly kind: "ending" }
  | { readonly kind: "picture"; readonly picture: Picture }

interface Done {
  readonly kind: "done"
  readonly run: number
  readonly ok: boolean
  readonly exitCode: ExitCode
  readonly quits: boolean
}

/** Why a command can't be sent; as JSON. */
export function commandFault(command: string | readonly string[]): Failure | undefined {
  const byteCount = Buffer.byteLength(JSON.stringify(command))
  if (byteCount <= MAX_COMMAND_BYTES) return undefined
  const message = `a command for the running client may have ${MAX_COMMAND_BYTES} bytes, and has ${byteCount}`
  return { code: "line_too_long", message }
}
