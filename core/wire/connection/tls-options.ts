import { constants } from "node:crypto"
import type { SecureContextOptions } from "node:tls"

/**
 * TLS as every private connection speaks it (docs/engine/wire.md#private-documents): 1.3 and nothing else, by pre-shared key and an
 * ephemeral Diffie-Hellman exchange (psk_dhe_ke, the only mode that OpenSSL offers by default), never by certificate.
 */
export const TLS_OPTIONS = {
  minVersion: "TLSv1.3",
  maxVersion: "TLSv1.3",
  // An external key of node:tls goes with SHA-256 suites only. AES first: where the processor has it (nearly everywhere) it
  // costs a sixth less than ChaCha20 (measured).
  ciphers: "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256",
  // Groups with large numbers (ffdhe8192, P-521) cost a listener up to a hundred times as much for each hello of any caller.
  ecdhCurve: "X25519",
  // No certificate authority is accepted: otherwise any holder of a public certificate could answer in a peer's place.
  ca: [],
  // A resumed session would skip the key (measured): a document that was removed would still be served.
  secureOptions: constants.SSL_OP_NO_TICKET,
} as const satisfies SecureContextOptions
