import type { Audience } from "../commands/session.js"
import type { GivenCommand } from "../commands/words.js"
import type { ControlLink } from "./control-link.js"
import { type Answer, commandFault } from "./protocol.js"

interface Waiting {
  readonly audience: Audience
  readonly resolve: (ok: boolean) => void
}

/** Commands of a screen that the running client carries out, side by side. */
export class RemoteCommands {
  readonly #link: ControlLink
  readonly #waiting = new Map<number, Waiting>()
  /** Hears of downloads whose command is done. */
  #latest: Audience | undefined
  #count = 0

  constructor(link: ControlLink) {
    this.#link = link
    link.onAnswer((answer) => this.#onAnswer(answer))
    void link.ended.then(() => {
      for (const { resolve } of this.#waiting.values()) resolve(false)
      this.#waiting.clear()
    })
  }

  run(given: GivenCommand, audience: Audience): Promise<boolean> {
    const command = typeof given === "string" ? given : [...given]
    const fault = commandFault(command)
    if (fault !== undefined) {
      audience.failure(fault)
      return Promise.resolve(false)
    }
    const run = ++this.#count
    this.#latest = audience
    return new Promise((resolve) => {
      this.#waiting.set(run, { audience, resolve })
      this.#link.send({ kind: "run", run, command })
    })
  }

  #onAnswer(answer: Answer): void {
    switch (answer.kind) {
      case "report":
        return this.#audienceOf(answer.run)?.report(answer.report)
      case "failure":
        return this.#audienceOf(answer.run)?.failure(answer.failure)
      case "done":
        this.#waiting.get(answer.run)?.resolve(answer.ok)
        this.#waiting.delete(answer.run)
        return
      default:
        return
    }
  }

  #audienceOf(run: number): Audience | undefined {
    return this.#waiting.get(run)?.audience ?? this.#latest
  }
}
