import { errnoOf, type ProtocolError } from "../../base/errors.js"

/**
 * Why a connection ended. `kind`: we closed it, the peer or the network did, the peer broke the protocol, or a deadline passed. `code` is
 * stable snake_case, `message` one clause to show after the address.
 */
export interface CloseReason {
  readonly kind: "local" | "remote" | "protocol" | "deadline"
  readonly code: string
  readonly message: string
}

export const REMOTE_ENDED: CloseReason = { kind: "remote", code: "ended", message: "closed the connection" }

export const IDLE: CloseReason = { kind: "deadline", code: "idle", message: "was silent for too long" }

export const FRAME_STALLED: CloseReason = {
  kind: "deadline",
  code: "frame_stalled",
  message: "began a message and did not finish it in time",
}

export const SEND_STALLED: CloseReason = {
  kind: "deadline",
  code: "send_stalled",
  message: "did not read what was sent to it",
}

export const SEND_OVERFLOW: CloseReason = {
  kind: "protocol",
  code: "send_overflow",
  message: "requests more answers than it reads",
}

export function protocolBroken(error: ProtocolError): CloseReason {
  return { kind: "protocol", code: error.code, message: `broke the protocol: ${error.message}` }
}

/** The reason for a socket's 'error' event. */
export function socketFailed(error: Error): CloseReason {
  const errno = errnoOf(error)
  if (errno === "ECONNRESET" || errno === "EPIPE")
    return { kind: "remote", code: "reset", message: "broke off the connection" }
  if (errno === "ETIMEDOUT") return { kind: "remote", code: "timed_out", message: "does not answer any more" }
  return { kind: "remote", code: "connection_failed", message: `connection failed (${errno ?? error.message})` }
}
