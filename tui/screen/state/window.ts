/** The first line to show of `count` in a window of `height`, so that line `focus` is seen: near the middle, ends filled. */
export function windowStart(count: number, height: number, focus: number): number {
  const centred = focus - Math.floor(height / 2)
  return Math.max(0, Math.min(centred, count - height))
}
