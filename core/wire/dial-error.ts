import { errnoOf, P2pError } from "../errors.js"

/**
 * Why no connection came about. "refused", "unreachable", "timed_out": nobody there, or not now. "hung_up": it closed in
 * the handshake (does not have the document, is full, or has banned us). "wrong_info_hash", "not_bittorrent": no peer
 * of this document. "self": it is us. "no_resources": this machine has no descriptor or port left. "aborted": we gave up.
 */
export type DialFailure =
  | "refused"
  | "unreachable"
  | "timed_out"
  | "hung_up"
  | "wrong_info_hash"
  | "not_bittorrent"
  | "self"
  | "no_resources"
  | "aborted"

/** A peer could not be reached or is not the one we want; the message is one clause to show after its address. */
export class DialError extends P2pError {
  declare readonly code: DialFailure

  constructor(code: DialFailure, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}

/** What an 'error' of a socket means that was being opened, or (`connected`) was in its handshake. */
export function dialErrorOf(error: Error, connected: boolean): DialError {
  const options = { cause: error }
  switch (errnoOf(error)) {
    case "ECONNREFUSED":
      return new DialError("refused", "refused the connection", options)
    case "ETIMEDOUT":
      return new DialError("timed_out", "did not answer", options)
    case "ECONNRESET":
    case "EPIPE":
      if (connected) return new DialError("hung_up", "closed the connection in the handshake", options)
      return new DialError("refused", "refused the connection", options)
    case "EMFILE":
    case "ENFILE":
    case "EADDRNOTAVAIL":
    case "ENOBUFS":
      return new DialError("no_resources", "could not be dialled: this machine has no free descriptor or port", options)
    default:
      return new DialError("unreachable", `can't be reached (${errnoOf(error) ?? error.message})`, options)
  }
}
