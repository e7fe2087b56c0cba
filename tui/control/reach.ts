import { setTimeout as delay } from "node:timers/promises"
import { CommandError, type TakenFolder, takeFolder } from "../../core/index.js"
import { callOwner } from "./call-owner.js"
import { ControlLink } from "./control-link.js"

/** A client that starts listens within this time, and one that is left is gone. Our choice. */
const PATIENCE_MS = 10_000
const AGAIN_MS = 50

/** The service folder is this process's now, or the client that has it was reached. */
export type Reached =
  | { readonly kind: "taken"; readonly folder: TakenFolder }
  | { readonly kind: "running"; readonly link: ControlLink }

/**
 * Takes the service folder, or calls the client that has it. Of several processes that start at the same moment one takes it and the
 * others call that one.
 * @throws CommandError "in_use" when another process has the folder and can't be called; as `takeFolder` else.
 */
export async function takeOrCall(
  folders: { readonly serviceFolder: string; readonly stateFolder: string },
  signal: AbortSignal,
): Promise<Reached> {
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    const held = await tryTake(folders)
    if (!(held instanceof CommandError)) return { kind: "taken", folder: held }
    const called = await callOwner(folders.stateFolder)
    if (called instanceof ControlLink) return { kind: "running", link: called }
    if (!called.mayPass || performance.now() > until || signal.aborted)
      throw new CommandError("in_use", `${held.message}; ${called.why}`, { cause: held })
    await delay(AGAIN_MS)
  }
}

async function tryTake(folders: Parameters<typeof takeFolder>[0]): Promise<TakenFolder | CommandError> {
  try {
    return await takeFolder(folders)
  } catch (error) {
    if (error instanceof CommandError && error.code === "in_use") return error
    throw error
  }
}
