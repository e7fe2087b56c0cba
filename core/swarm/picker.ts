/** The inputs of the choice of a part: the parts of one swarm, for one peer that is to be asked for another part. */
export interface PickView {
  /** Parts that failed with bytes of several peers, and it is not known which of them lied. */
  readonly unresolved: Iterable<number>
  /** Parts that the peer has suggested, in order (BEP 6). */
  readonly suggested: readonly number[]
  /** It will name the next part in a moment, and has requests to answer till then. */
  readonly awaitsSuggestion: boolean
  /** Whether the part is missing, no peer is asked for it, and this peer may be. */
  mayBegin(index: number): boolean
  /** Forgets the first of the suggested parts. */
  dropSuggestion(): void
  /** Of the parts that may be begun, the one that the fewest peers have. */
  rarest(): number | undefined
  /** Is the peer a seed that is spared this part, because others will bring it? */
  isLeftToPeers(index: number): boolean
}

/** The next part to request from a peer: a suggested one, else the rarest one. Undefined when none is to be requested now. */
export function pickPart(view: PickView): number | undefined {
  // Until the sender of a part's bad data is known, the suspects share no part with other peers.
  for (const index of view.unresolved) if (view.mayBegin(index)) return index
  // One that is taken is no longer missing, and is passed over the next time; one for which there is no memory yet stays.
  for (let [index] = view.suggested; index !== undefined; [index] = view.suggested) {
    if (view.mayBegin(index)) return index
    view.dropSuggestion()
  }
  // A seed that suggests its parts will name the next one; anything else is probably on its way to others.
  if (view.awaitsSuggestion) return undefined
  const index = view.rarest()
  return index === undefined || view.isLeftToPeers(index) ? undefined : index
}

/** Whether the peer has suggested what to ask it for next, or is about to. */
export function followsSuggestions(view: PickView): boolean {
  return view.awaitsSuggestion || view.suggested.some((index) => view.mayBegin(index))
}
