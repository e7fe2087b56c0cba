/** The trackers of a document or of the whole client, as one. */
export interface TrackerSnapshot {
  /** Empty where there is none. */
  readonly url: string
  /** "own": started inside this client because none ran. */
  readonly kind: "remote" | "own"
  /** "none": there is no tracker. */
  readonly state: "unasked" | "answering" | "refusing" | "away" | "none"
  /** Monotonic milliseconds of the last good answer. */
  readonly answeredAtMs: number | undefined
  /** What went wrong last; undefined while it answers. */
  readonly problem: TrackerProblem | undefined
}

export interface TrackerProblem {
  /** Of the TrackerError: "unreachable", "timeout", "busy", "refused". */
  readonly code: string
  /** Its sentence, fit to show. */
  readonly message: string
  /** HTTP status of the answer, if there was one. */
  readonly status: number | undefined
  /** The system's code of the failure ("ECONNREFUSED"), if there is one. */
  readonly errno: string | undefined
  /** Monotonic milliseconds: not asked again before, as far as is known. */
  readonly retryAtMs: number | undefined
}
