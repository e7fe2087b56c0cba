/** The machines of a swarm; rates are bytes per second. */
export interface SwarmRates {
  readonly sizeBytes: number
  readonly seedUp: number
  /** One entry a downloader. */
  readonly ups: readonly number[]
  /** Of the slowest downloader. */
  readonly slowestDown: number
}

/**
 * Milliseconds before which no scheme whatever can have brought a file to the last of N downloaders:
 * max(F / u_s, F / d, N·F / (u_s + Σu)) (Kumar and Ross, "Peer-Assisted File Distribution: The Minimum Distribution Time",
 * 2006). Delays on the way are not in it.
 */
export function distributionBoundMs({ sizeBytes, seedUp, ups, slowestDown }: SwarmRates): number {
  const allUp = ups.reduce((sum, up) => sum + up, seedUp)
  return 1_000 * Math.max(sizeBytes / seedUp, sizeBytes / slowestDown, (ups.length * sizeBytes) / allUp)
}
