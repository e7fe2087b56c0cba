import { errnoOf, P2pError } from "../../base/errors.js"

/**
 * Why a dial failed. "refused", "unreachable", "timed_out": no peer at the address, or not now. "hung_up": the peer closed during the
 * handshake (it does not have the document, is full, or has banned us). "wrong_info_hash", "not_bittorrent": no peer of this document.
 * "wrong_key": for a private document, the peer has no key or another one, or does not serve the document. "self": our own address.
 * "no_resources": this machine has no descriptor or port left. "aborted": the dial was cancelled.
 */
export type DialFailure =
  | "refused"
  | "unreachable"
  | "timed_out"
  | "hung_up"
  | "wrong_info_hash"
  | "not_bittorrent"
  | "wrong_key"
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

/**
 * The peer closed the connection after accepting it. Unencrypted, there are three common reasons, which the peer does not distinguish; the
 * third are clients configured for encrypted (MSE) connections only.
 */
export function hungUp(encrypted: boolean, cause?: Error): DialError {
  const why = encrypted
    ? ""
    : ": it has no such document, is full, or demands encryption (MSE), which is not spoken here"
  return new DialError("hung_up", `closed the connection in the handshake${why}`, { cause })
}

/** What an 'error' of a socket means that was being opened, or (`connected`) was in its handshake. `encrypted`: inside TLS. */
export function dialErrorOf(error: Error, connected: boolean, encrypted: boolean): DialError {
  const options = { cause: error }
  switch (errnoOf(error)) {
    case "ECONNREFUSED":
      return new DialError("refused", "refused the connection", options)
    case "ETIMEDOUT":
      return new DialError("timed_out", "did not answer", options)
    case "ECONNRESET":
    case "EPIPE":
      return connected ? hungUp(encrypted, error) : new DialError("refused", "refused the connection", options)
    case "EMFILE":
    case "ENFILE":
    case "EADDRNOTAVAIL":
    case "ENOBUFS":
      return new DialError("no_resources", "could not be dialled: this machine has no free descriptor or port", options)
    default:
      // Not the system's but TLS's, which has many: a peer that does not know the document ends the handshake in one of them too.
      if (connected && !("errno" in error))
        return new DialError("wrong_key", "does not have the document's key, or no longer serves it", options)
      return new DialError("unreachable", `can't be reached (${errnoOf(error) ?? error.message})`, options)
  }
}
