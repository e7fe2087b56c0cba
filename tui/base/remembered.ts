/** `make` that works out the answer for an object once: of lists and snapshots, which never change. */
export function remembered<Of extends object, Made>(make: (of: Of) => Made): (of: Of) => Made {
  const known = new WeakMap<Of, { readonly made: Made }>()
  return (of) => {
    const before = known.get(of)
    if (before !== undefined) return before.made
    const made = make(of)
    known.set(of, { made })
    return made
  }
}

/** `make` that keeps its last answers, for values that equal in every one of `keys`. */
export function rememberedBy<Of, Made>(
  keys: readonly (keyof Of)[],
  make: (of: Of) => Made,
  kept = 2,
): (of: Of) => Made {
  let answers: readonly { readonly of: Of; readonly made: Made }[] = []
  return (of) => {
    const before = answers.find((answer) => keys.every((key) => answer.of[key] === of[key]))
    const answer = before ?? { of, made: make(of) }
    if (answer !== answers[0]) answers = [answer, ...answers.filter((each) => each !== answer)].slice(0, kept)
    return answer.made
  }
}
