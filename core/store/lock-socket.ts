import { access, chmod, constants, lstat, unlink } from "node:fs/promises"
import { connect, createServer, type Server, type Socket } from "node:net"
import { hostname } from "node:os"
import { dirname } from "node:path"
import { setTimeout } from "node:timers/promises"
import { draftBeside } from "../base/draft-beside.js"
import { errnoOf } from "../base/errors.js"
import { withShortName } from "../base/short-socket-name.js"
import { type Claim, type Judgement, tryLink } from "./lock-claim.js"

/** How long an owner may take to say its name. It lives in any case: the kernel has accepted. */
const NAME_TIMEOUT_MS = 500

/** Calls to an owner that hangs up, 100 ms in all: it is ending, or has no free descriptor and lives. */
const MAX_CALLS = 11
const CALL_AGAIN_MS = 10

/** Characters of an owner's name that are read. */
const MAX_NAME_LENGTH = 1_000

/** Errors of a file system without sockets, or of a system that forbids them. */
const NO_SOCKETS: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EAFNOSUPPORT", "EINVAL"])

/**
 * Listens on a new socket beside `path`, to be linked there. Undefined where sockets are not supported. Rejects with the folder's system
 * error. A caller receives one line of JSON, `{"pid": number, "host": string}`.
 */
export async function createLockSocket(path: string): Promise<Claim | undefined> {
  if (process.platform === "win32") return undefined
  // A missing folder is reported as such: listening there fails with EACCES instead (libuv).
  await access(dirname(path), constants.W_OK | constants.X_OK)
  const draft = draftBeside(path)
  const server = createServer(sayName)
  try {
    const isListening = await listenOnSocket(server, draft)
    if (isListening === undefined) return undefined
  } catch (error) {
    if (NO_SOCKETS.has(errnoOf(error) ?? "")) return undefined
    throw error
  }
  return claimOf(server, draft)
}

async function claimOf(server: Server, draft: string): Promise<Claim> {
  // The connection that can't be accepted for want of descriptors is in the kernel's queue, which is proof enough.
  server.on("error", () => undefined)
  server.unref()
  const removeDraft = () => unlink(draft).catch(ignoreMissing)
  const close = async (): Promise<void> => {
    await removeDraft()
    await new Promise((resolve) => server.close(resolve))
  }
  try {
    await chmod(draft, 0o600)
    const { ino, dev } = await lstat(draft)
    return {
      tryPlace: async (path) => {
        const isPlaced = await tryLink(draft, path)
        if (isPlaced) await removeDraft()
        return isPlaced
      },
      isAt: async (path) => {
        const stats = await lstat(path).catch(ignoreMissing)
        // The number is not given to another file while this one is listened on.
        return stats?.ino === ino && stats.dev === dev
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function sayName(caller: Socket): void {
  caller.on("error", () => caller.destroy())
  caller.setTimeout(NAME_TIMEOUT_MS, () => caller.destroy())
  caller.unref()
  caller.resume()
  caller.end(`${JSON.stringify({ pid: process.pid, host: hostname() })}\n`)
}

/** Has `server` listen on a new socket at `path`. Resolves to undefined where the path is too long; rejects with the system error. */
export function listenOnSocket(server: Server, path: string): Promise<true | undefined> {
  return withShortName(path, (name) => listen(server, name))
}

function listen(server: Server, name: string): Promise<true> {
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(name, () => {
      server.off("error", reject)
      resolve(true)
    })
  })
}

/** Whether the owner of the socket at `path` lives. */
export async function askLockSocket(path: string): Promise<Judgement> {
  try {
    for (let attempt = 1; ; attempt++) {
      const said = await withShortName(path, call)
      if (said === undefined) return { state: "alive", owner: "a process that can't be asked: the path is too long" }
      // It hung up without an answer: it is ending and refuses the next call, or it has no descriptor for us.
      if (said !== "" || attempt === MAX_CALLS) return { state: "alive", owner: ownerIn(said) }
      await setTimeout(CALL_AGAIN_MS)
    }
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === "ENOENT") return { state: "gone" }
    if (errno === "ECONNREFUSED") return { state: "dead" }
    if (errno === "EACCES" || errno === "EPERM") return { state: "alive", owner: "another user's process" }
    // For example a full queue: only a refusal proves that there is no listener.
    return { state: "alive", owner: `a process that could not be asked (${errno ?? String(error)})` }
  }
}

/**
 * The owner's answer, "" when it hangs up without one. For an owner that is too slow, such as a stopped process, "?": the kernel has
 * accepted for it. Rejects with the system error when it has not.
 */
function call(name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ""
    const socket = connect({ path: name, timeout: NAME_TIMEOUT_MS }).setEncoding("utf8")
    socket.on("data", (chunk) => {
      said += chunk
      if (said.length > MAX_NAME_LENGTH) socket.destroy()
    })
    socket.once("error", reject)
    socket.once("connect", () => socket.off("error", reject).on("error", () => socket.destroy()))
    socket.once("timeout", () => {
      said += "?"
      socket.destroy()
    })
    socket.once("close", () => resolve(said))
  })
}

function ownerIn(said: string): string {
  try {
    const { pid, host } = JSON.parse(said) as { readonly pid?: unknown; readonly host?: unknown }
    return `process ${String(pid)} on ${String(host)}, which still runs`
  } catch {
    return "a process that still runs"
  }
}

function ignoreMissing(error: unknown): undefined {
  if (errnoOf(error) !== "ENOENT") throw error
  return undefined
}
