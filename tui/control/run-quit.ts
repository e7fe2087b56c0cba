import { ExitCode } from "../base/exit-codes.js"
import type { Audience } from "../commands/session.js"
import type { ControlLink } from "./control-link.js"

/** Ends the running client, and waits until it has given its folder back. Every version of the program understands this. */
export async function runQuit(link: ControlLink, audience: Audience): Promise<ExitCode> {
  link.send({ kind: "quit" })
  await link.ended
  const lines = [`the client (${link.process}) has ended`]
  audience.report({ event: "client_ended", lines, fields: { pid: link.pid } })
  return ExitCode.ok
}
