import type { ArgumentSpec } from "./command.js"
import type { Word } from "./words.js"

/** The arguments given to a command, by the names of its table entry. */
export class Arguments {
  readonly #given = new Map<string, Word>()
  readonly #flags: ReadonlyMap<string, Word>

  /** `positional[i]` belongs to `specs[i]`; the parser has checked that none is missing or too many. `flags`: with the words of their values. */
  constructor(specs: readonly ArgumentSpec[], positional: readonly Word[], flags: ReadonlyMap<string, Word>) {
    for (const [index, spec] of specs.entries()) {
      const word = positional[index]
      if (word !== undefined) this.#given.set(spec.name, word)
    }
    this.#flags = flags
  }

  /** The text of a required argument. */
  required(name: string): string {
    const word = this.#given.get(name)
    if (word === undefined) throw new RangeError(`the command has no required argument ${name}`)
    return word.text
  }

  optional(name: string): string | undefined {
    return this.#given.get(name)?.text
  }

  /** The word itself, for an error that points at it. */
  word(name: string): Word | undefined {
    return this.#given.get(name)
  }

  /** The same with other texts for the arguments of these names. */
  with(texts: ReadonlyMap<string, string>): Arguments {
    const other = new Arguments([], [], this.#flags)
    for (const [name, word] of this.#given) other.#given.set(name, { ...word, text: texts.get(name) ?? word.text })
    return other
  }

  /** `flag` with its dashes. */
  has(flag: string): boolean {
    return this.#flags.has(flag)
  }

  /** The value of `flag`, for an error that points at it; undefined when it was not given. */
  value(flag: string): Word | undefined {
    return this.#flags.get(flag)
  }
}
