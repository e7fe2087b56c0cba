/** Payload bytes that a client has moved since midnight, local time. */
export interface MovedToday {
  readonly downloadedBytes: number
  readonly uploadedBytes: number
}
