import type { CommandPlace } from "../commands/command-place.js"
import type { ControlLink, Ready } from "./control-link.js"
import { RemoteRun } from "./remote-run.js"

/** Commands that the running client carries out, called by `link`. */
export function runningClient(link: ControlLink, { ready }: Ready): CommandPlace {
  return {
    ready: () => ready,
    open(audience, quitting, onQuit) {
      const run = new RemoteRun(link, audience, quitting, onQuit)
      return { run, close: () => run.close() }
    },
  }
}
