import type { SwarmConfig } from "./config.js"

/**
 * Bytes to have asked of a peer at a time: what it sends in `pipelineMs` at its present rate, between the two bounds.
 * `startBytes` is what came in the first moments, when no rate is known yet: the pipeline grows by it.
 */
export function pipelineBytes(config: SwarmConfig, bytesPerSecond: number, startBytes: number): number {
  const wanted = Math.max((bytesPerSecond * config.pipelineMs) / 1_000, config.minPipelineBytes + startBytes)
  return Math.min(config.maxPipelineBytes, wanted)
}

/**
 * Should a second peer join in on a part? Only when the first is slow in absolute terms, so that the last parts of a fast
 * transfer are not sent twice, and the second is not slower still. A peer whose rate is unknown gets the benefit of the doubt.
 */
export function racePays(
  config: SwarmConfig,
  ownerSeconds: number,
  restBytes: number,
  racerBytesPerSecond: number,
): boolean {
  if (ownerSeconds * 1_000 <= config.raceAfterMs) return false
  return racerBytesPerSecond === 0 || restBytes / racerBytesPerSecond < ownerSeconds
}
