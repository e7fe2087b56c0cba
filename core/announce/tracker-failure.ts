import type { RequestError } from "got"
import { errnoOf, TrackerError } from "../base/errors.js"

/** The meaning of a failed connection to a tracker, by the codes of the system, of node:tls and of node:http. */
const CAUSES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "it closed the connection without an answer",
  EPIPE: "it closed the connection without an answer",
  ECONNABORTED: "the connection was broken off",
  ETIMEDOUT: "connecting took too long",
  ENOTFOUND: "there is no such host name",
  EAI_AGAIN: "its name can't be looked up at present",
  EAI_FAIL: "its name can't be looked up",
  EAI_NODATA: "its name has no address",
  EHOSTUNREACH: "no way leads to that host",
  EHOSTDOWN: "that host is down",
  ENETUNREACH: "no network leads there",
  ENETDOWN: "the network of this machine is down",
  EACCES: "this machine does not permit the connection",
  EPERM: "this machine does not permit the connection",
  EADDRNOTAVAIL: "this machine has no free port or address for it",
  EMFILE: "this process has no free file descriptor",
  ENFILE: "this machine has no free file descriptor",
  ENOBUFS: "this machine has no memory for another connection",
  EPROTO: "what listens there does not speak TLS",
  ERR_SSL_WRONG_VERSION_NUMBER: "what listens there does not speak TLS",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "what listens there does not speak TLS",
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet: is the clock of this machine right?",
  CERT_REVOKED: "its certificate was revoked",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
}

/** Node names the file of further authorities by this variable, which it reads when it starts. */
const PRIVATE_AUTHORITY = "for an authority of your own, start with NODE_EXTRA_CA_CERTS=/path/to/its.pem"

const UNTRUSTED: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate was issued by an authority that this machine does not trust",
  UNABLE_TO_GET_ISSUER_CERT: "its certificate was issued by an authority that this machine does not know",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate was issued by an authority that this machine does not know",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate was issued by an authority that this machine does not know",
  CERT_UNTRUSTED: "its certificate was issued by an authority that this machine does not trust",
}

/** A tracker's origin as messages name it: without a name and password, path or query, which may be secrets. */
export function shownOrigin(url: string): string {
  if (!URL.canParse(url)) return "an address that is none"
  const { protocol, host, origin } = new URL(url)
  // A URL knows the origin of a few protocols only.
  return protocol === "udp:" ? `udp://${host}` : origin
}

/** `timeoutMs` went by without a whole answer. */
export function timeoutError(url: string, timeoutMs: number, cause?: unknown): TrackerError {
  const message = `the tracker at ${shownOrigin(url)} did not answer within ${timeoutMs / 1_000} s`
  return new TrackerError("timeout", message, { cause })
}

/** A failed request to a tracker as a TrackerError "timeout" or "unreachable" with its cause. */
export function failureOf(error: unknown, url: string, timeoutMs: number): TrackerError {
  if (error instanceof TrackerError) return error
  const code = errnoOf(error)
  if (code === "ETIMEDOUT" && (error as RequestError).name === "TimeoutError")
    return timeoutError(url, timeoutMs, error)
  return new TrackerError("unreachable", `no tracker can be reached at ${shownOrigin(url)}${causeWords(code)}`, {
    cause: error,
  })
}

/** ": nothing listens there (ECONNREFUSED)", or as much of it as is known. */
function causeWords(code: string | undefined): string {
  if (code === undefined) return ""
  const untrusted = UNTRUSTED[code]
  if (untrusted !== undefined) return `: ${untrusted} (${code}); ${PRIVATE_AUTHORITY}`
  const words = CAUSES[code] ?? (code.startsWith("HPE_") ? "what listens there does not speak HTTP" : undefined)
  return words === undefined ? ` (${code})` : `: ${words} (${code})`
}
