import { lstat, readFile } from "node:fs/promises"
import { connect, type Socket } from "node:net"
import { hostname } from "node:os"
import { join } from "node:path"
import { errnoOf, reasonOf, withShortName } from "../../core/index.js"
import { ControlLink } from "./control-link.js"
import { CONTROL_NAME, type ControlPointer } from "./control-socket.js"

/** A client that is not stopped accepts and greets within this time. Our choice. */
const GREETING_MS = 5_000

/** Bytes of a text that says where the socket is. */
const MAX_POINTER_BYTES = 16 * 1024

/** Why the running client can't be talked to. `mayPass`: it is starting or ending, and is called again. */
export interface Unreachable {
  readonly why: string
  readonly mayPass: boolean
}

/** Calls the client that holds the state folder. */
export async function callOwner(stateFolder: string): Promise<ControlLink | Unreachable> {
  const place = await placeOf(stateFolder)
  if (typeof place !== "string") return place
  try {
    const socket = await withShortName(place, connected)
    if (socket === undefined) return { why: `the path of its socket is too long: ${place}`, mayPass: false }
    return await ControlLink.greeted(socket, GREETING_MS)
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === undefined) throw error
    const mayPass = ["ENOENT", "ECONNREFUSED", "ECONNRESET", "EPIPE", "EAGAIN"].includes(errno)
    return { why: `its socket ${place} can't be used: ${reasonOf(error)}`, mayPass }
  }
}

/** The path of the socket. */
async function placeOf(stateFolder: string): Promise<string | Unreachable> {
  const path = join(stateFolder, CONTROL_NAME)
  try {
    const stats = await lstat(path)
    if (stats.isSocket()) return path
    const pointer =
      stats.isFile() && stats.size <= MAX_POINTER_BYTES ? pointerIn(await readFile(path, "utf8")) : undefined
    if (pointer === undefined) return { why: `${path} is not of this program; move it away`, mayPass: false }
    if (pointer.host !== hostname())
      return { why: `it runs on ${pointer.host}: give the command there`, mayPass: false }
    if (pointer.socket === undefined) return { why: `it takes no commands: ${pointer.problem}`, mayPass: false }
    return (await isOurs(pointer.socket))
      ? pointer.socket
      : { why: `${pointer.socket} is another user's`, mayPass: false }
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === undefined) throw error
    if (errno === "ENOENT") return { why: "it has no socket for commands", mayPass: true }
    return { why: `its socket ${path} can't be looked at: ${reasonOf(error)}`, mayPass: false }
  }
}

function pointerIn(text: string): ControlPointer | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && "host" in value ? (value as ControlPointer) : undefined
  } catch {
    return undefined
  }
}

/** Only this user or root can have put it there. */
async function isOurs(socket: string): Promise<boolean> {
  const { uid } = await lstat(socket)
  const self = process.geteuid?.() ?? uid
  return uid === self || uid === 0 || self === 0
}

function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once("error", reject)
    socket.once("connect", () => {
      socket.off("error", reject)
      resolve(socket)
    })
  })
}
