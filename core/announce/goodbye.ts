/** On the way out nobody waits longer than this for a tracker. Our choice. */
export const GOODBYE_MS = 2_000
