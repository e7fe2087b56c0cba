import { untilSo } from "../../core/testing/until-so.js"
import type { Program } from "./program.js"

/**
 * Waits until a `list` begins with a line like this. One that starts a client waits a second at most for its documents to be opened, and says
 * of the others that they are checked.
 */
export async function untilListed(list: () => Program, first: RegExp): Promise<void> {
  await untilSo(async () => {
    const program = list()
    return (await program.ended()) === 0 && first.test(program.lines[0] ?? "")
  })
}
