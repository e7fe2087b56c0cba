import type { ArgumentSpec } from "./command.js"
import type { Word } from "./words.js"

/** The flags of a command line with their dashes, and the words of the values of each. */
export type GivenFlags = ReadonlyMap<string, readonly Word[]>

/** The arguments given to a command, by the names of its table entry. */
export class Arguments {
  readonly #given = new Map<string, Word>()
  readonly #flags: GivenFlags

  /** `positional[i]` belongs to `specs[i]`; the parser has checked that none is missing or too many. */
  constructor(specs: readonly ArgumentSpec[], positional: readonly Word[], flags: GivenFlags) {
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

  /** The last value of `flag`, for an error that points at it; undefined when it was not given. */
  value(flag: string): Word | undefined {
    return this.#flags.get(flag)?.at(-1)
  }

  /** All values of `flag`, in their order; none when it was not given. */
  values(flag: string): readonly string[] {
    return this.#flags.get(flag)?.map(({ text }) => text) ?? []
  }
}
