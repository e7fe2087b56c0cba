import { createHash } from "node:crypto"
import { chmod, lstat, mkdir, rename, stat, unlink, writeFile } from "node:fs/promises"
import { createServer, type Server, type Socket } from "node:net"
import { hostname } from "node:os"
import { join } from "node:path"
import { draftBeside, errnoOf, isSharedByHosts, listenOnSocket, reasonOf } from "../../core/index.js"

/** In the state folder: the socket, or a text that says where it is. */
export const CONTROL_NAME = "control"

/** The text in place of the socket, JSON. */
export interface ControlPointer {
  readonly host: string
  /** Absolute path of the socket. */
  readonly socket?: string
  /** Why there is none. */
  readonly problem?: string
}

export interface ControlSocket {
  /** Absolute path; undefined if it could not be made. */
  readonly path: string | undefined
  /** Why there is none, one reason a folder that was tried. */
  readonly problem: string | undefined
  /** No new callers; what was put into folders is removed. */
  close(): Promise<void>
}

/** A folder that other users can reach is not used. */
class UnsafeFolderError extends Error {}

/**
 * Listens for other processes of this user: in the state folder, or where that is no place for a socket (another file system than a local
 * one, other users may enter it) in the user's runtime folder. The caller holds the lock of the state folder, so what is there is stale.
 */
export async function listenForCallers(
  stateFolder: string,
  onCaller: (socket: Socket) => void,
  runtimeFolders: readonly string[] = systemFolders(),
): Promise<ControlSocket> {
  const problems: string[] = []
  for (const place of await placesFor(stateFolder, runtimeFolders)) {
    try {
      const socket = await listenAt(place, onCaller)
      const pointer = place.isState ? undefined : { host: hostname(), socket: socket.path }
      const removePointer = pointer && (await writePointer(stateFolder, pointer))
      return {
        path: socket.path,
        problem: undefined,
        close: async () => {
          await socket.close()
          await removePointer?.()
        },
      }
    } catch (error) {
      if (errnoOf(error) === undefined && !(error instanceof UnsafeFolderError)) throw error
      problems.push(`${place.folder}: ${error instanceof UnsafeFolderError ? error.message : reasonOf(error)}`)
    }
  }
  const problem = problems.join("; ")
  // Without it a caller finds no reason, but the same refusal.
  const removePointer = await writePointer(stateFolder, { host: hostname(), problem }).catch(ignoreSystemErrors)
  return { path: undefined, problem, close: async () => removePointer?.() }
}

interface Place {
  readonly folder: string
  readonly name: string
  readonly isState: boolean
}

/** Of this user on this machine. */
function systemFolders(): readonly string[] {
  const runtime = process.env["XDG_RUNTIME_DIR"] ?? ""
  return [...(runtime.startsWith("/") ? [join(runtime, "p2p-tui")] : []), `/tmp/p2p-tui-${userId()}`]
}

async function placesFor(stateFolder: string, runtimeFolders: readonly string[]): Promise<readonly Place[]> {
  const { dev, ino } = await stat(stateFolder, { bigint: true })
  // The same in every container that sees the folder, by whatever path.
  const name = createHash("sha256").update(`${dev} ${ino}`).digest("hex").slice(0, 16)
  return [
    { folder: stateFolder, name: CONTROL_NAME, isState: true },
    ...runtimeFolders.map((folder) => ({ folder, name, isState: false })),
  ]
}

function userId(): number {
  return process.geteuid?.() ?? 0
}

async function listenAt({ folder, name, isState }: Place, onCaller: (socket: Socket) => void) {
  if (process.platform === "win32") throw new UnsafeFolderError("Windows has no such sockets here")
  if (isState && (await isSharedByHosts(join(folder, name))))
    throw new UnsafeFolderError("its file system is shared with other machines")
  if (!isState) await mkdir(folder, { mode: 0o700 }).catch(ignoreExisting)
  await requireOwn(folder)
  const path = join(folder, name)
  const draft = draftBeside(path)
  const server = createServer({ allowHalfOpen: false }, onCaller)
  // A connection that can't be accepted for want of descriptors: its caller is refused, or waits.
  server.on("error", () => undefined)
  if ((await listenOnSocket(server, draft)) === undefined)
    throw new UnsafeFolderError("its path is too long for a socket")
  try {
    await chmod(draft, 0o600)
    const remove = await putAt(path, draft)
    return {
      path,
      close: async () => {
        await remove()
        await close(server)
      },
    }
  } catch (error) {
    await close(server)
    await unlink(draft).catch(ignoreSystemErrors)
    throw error
  }
}

/** Takes the place of a stale one in one step. Resolves to what removes it again, unless another client has done the same meanwhile. */
async function putAt(path: string, draft: string): Promise<() => Promise<void>> {
  const ours = await lstat(draft)
  await rename(draft, path)
  return async () => {
    const now = await lstat(path).catch(ignoreSystemErrors)
    if (now?.ino === ours.ino && now.dev === ours.dev) await unlink(path).catch(ignoreSystemErrors)
  }
}

/** A folder of this user that no other one can enter: permissions are all that is checked of a caller. */
async function requireOwn(folder: string): Promise<void> {
  const stats = await lstat(folder)
  if (!stats.isDirectory()) throw new UnsafeFolderError("it is no folder")
  if (stats.uid !== userId()) throw new UnsafeFolderError("it is another user's")
  if ((stats.mode & 0o077) !== 0) throw new UnsafeFolderError("other users can enter it; chmod 700 it")
}

/** Connections that are open stay open. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    // It closes when its connections have, which may take as long as the commands of their callers.
    resolve()
  })
}

/** Resolves as `putAt`. */
async function writePointer(stateFolder: string, pointer: ControlPointer): Promise<() => Promise<void>> {
  const path = join(stateFolder, CONTROL_NAME)
  const draft = draftBeside(path)
  await writeFile(draft, JSON.stringify(pointer), { flag: "wx", mode: 0o600 })
  return putAt(path, draft)
}

function ignoreExisting(error: unknown): void {
  if (errnoOf(error) !== "EEXIST") throw error
}

/** What stays behind is stale for the next start. */
function ignoreSystemErrors(error: unknown): undefined {
  if (errnoOf(error) === undefined) throw error
  return undefined
}
