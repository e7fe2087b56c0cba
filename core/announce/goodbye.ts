/** Longest wait for a tracker while a document closes, ms. Our choice. */
export const GOODBYE_MS = 2_000
