import { describe, expect, it } from "vitest"
import { failureOf } from "./tracker-failure.js"

const URL_WITH_SECRETS = "https://user:secret@tracker.lab:8443/a/announce?passkey=secret"

function messageOf(code: string | undefined): string {
  const error = Object.assign(new Error("some text"), code === undefined ? {} : { code })
  return failureOf(error, URL_WITH_SECRETS, 15_000).message
}

describe("a tracker that can't be reached", () => {
  it.each([
    ["ECONNREFUSED", /nothing listens there/],
    ["ECONNRESET", /closed the connection/],
    ["ENOTFOUND", /no such host name/],
    ["EAI_AGAIN", /can't be looked up at present/],
    ["EHOSTUNREACH", /no way leads/],
    ["ENETUNREACH", /no network leads/],
    ["ETIMEDOUT", /connecting took too long/],
    ["EMFILE", /file descriptor/],
    ["EPROTO", /does not speak TLS/],
    ["HPE_INVALID_CONSTANT", /does not speak HTTP/],
    ["CERT_HAS_EXPIRED", /has expired/],
    ["ERR_TLS_CERT_ALTNAME_INVALID", /for another name/],
  ])("is reported as a sentence with the code: %s [F7, E7]", (code, words) => {
    const message = messageOf(code)
    expect(message).toMatch(words)
    expect(message).toContain(`(${code})`)
    expect(message).not.toContain("secret")
  })

  it.each([
    ["DEPTH_ZERO_SELF_SIGNED_CERT", /self-signed/],
    ["SELF_SIGNED_CERT_IN_CHAIN", /does not trust/],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", /does not know/],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", /does not know/],
  ])("for its certificate is reported with a remedy: %s [P9, F7]", (code, words) => {
    expect(messageOf(code)).toMatch(words)
    expect(messageOf(code)).toContain("NODE_EXTRA_CA_CERTS")
  })

  it("keeps the code of a cause that has no words, and what it was caused by", () => {
    expect(messageOf("ESOMETHING")).toBe("no tracker can be reached at https://tracker.lab:8443 (ESOMETHING)")
    expect(messageOf(undefined)).toBe("no tracker can be reached at https://tracker.lab:8443")
    const cause = new Error("x")
    expect(failureOf(cause, URL_WITH_SECRETS, 1_000).cause).toBe(cause)
  })
})
