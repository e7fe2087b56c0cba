import type { Client } from "../../core/index.js"
import type { ClientView } from "../commands/client-view.js"
import type { Journal, ScreenLog } from "../commands/journal.js"
import { type Audience, Session } from "../commands/session.js"
import type { GivenCommand } from "../commands/words.js"
import type { ControlLink, LinkEnd } from "./control-link.js"
import type { TodayOf } from "./picture-maker.js"
import { RemoteCommands } from "./remote-commands.js"
import { RemoteJournal } from "./remote-journal.js"
import { RemoteView } from "./remote-view.js"

/** What carries out the commands of a screen; resolves to whether it went well. */
export type ScreenCommands = (given: GivenCommand, audience: Audience, signal: AbortSignal) => Promise<boolean>

/** What a screen shows, and what carries out its commands. */
export interface ScreenPlace {
  readonly view: ClientView
  readonly log: ScreenLog
  /** `onQuit`: the user wants to leave. */
  commands(onQuit: () => void): ScreenCommands
  /** The client is in another process. */
  readonly attached?: Attachment
}

export interface Attachment {
  /** "process 123" */
  readonly process: string
  /** Resolves when the running client is being left, or has ended. */
  readonly left: Promise<unknown>
  /** Resolves when the connection is over. */
  readonly ended: Promise<LinkEnd>
  /** Ends the running client. */
  stop(): void
  /** Whether this screen has done so. */
  isStopped(): boolean
  /** Ends the connection. */
  close(): void
}

/** The client of this process. */
export function ownScreen(client: Client, journal: Journal, serviceFolder: string, todayOf?: TodayOf): ScreenPlace {
  const paths = { folder: serviceFolder, serviceFolder }
  return {
    view: {
      snapshot: () => client.snapshot(),
      detail: (id, range) => client.detail(id, range),
      tree: (id, query) => client.tree(id, query),
      onChange: (listener) => client.onChange(listener),
      today: () => todayOf?.(client.snapshot()),
    },
    log: journal,
    commands: (onQuit) => (given, audience, signal) =>
      new Session(client, audience, { signal, onQuit, paths }).run(given),
  }
}

/** The running client, called by `link`. Undefined when it ends before it was seen. */
export async function attachedScreen(link: ControlLink): Promise<ScreenPlace | undefined> {
  const log = new RemoteJournal(link)
  const view = new RemoteView(link, log)
  if (!(await view.begin())) return undefined
  let isStopped = false
  return {
    view,
    log,
    // What "quit" means there is asked about by the screen.
    commands: () => {
      const commands = new RemoteCommands(link)
      return (given, audience) => commands.run(given, audience)
    },
    attached: {
      process: link.process,
      left: link.left,
      ended: link.ended,
      stop: () => {
        isStopped = true
        link.send({ kind: "quit" })
      },
      isStopped: () => isStopped,
      close: () => link.close(),
    },
  }
}
