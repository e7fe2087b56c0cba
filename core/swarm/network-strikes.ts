/** Networks whose strikes are remembered; the oldest is forgotten. */
const MAX_STRUCK_NETWORKS = 1_000

/** Parts that failed their check, counted for each network over all addresses there. */
export class NetworkStrikes {
  readonly #counts = new Map<string, number>()
  readonly #tolerated: number

  /** `tolerated`: a network with as many strikes is banned. */
  constructor(tolerated: number) {
    this.#tolerated = tolerated
  }

  add(network: string): void {
    this.#counts.set(network, (this.#counts.get(network) ?? 0) + 1)
    const [oldest] = this.#counts.keys()
    if (this.#counts.size > MAX_STRUCK_NETWORKS && oldest !== undefined) this.#counts.delete(oldest)
  }

  /** `network`: worked out only if there is any strike. Nearly always there is none, and every address that might be dialled is asked about. */
  isBanned(network: () => string): boolean {
    return this.#counts.size > 0 && (this.#counts.get(network()) ?? 0) >= this.#tolerated
  }
}
