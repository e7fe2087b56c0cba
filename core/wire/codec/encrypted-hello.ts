/** Bytes of the public key with which an encrypted handshake (MSE, "message stream encryption") begins: 768 bits. */
const KEY_BYTES = 96

/** Padding behind the key, at most, bytes (MSE). */
const MAX_PADDING_BYTES = 512

/**
 * Different values in the key, at least. Random bytes have about 80, and fewer than 64 three times in a million; a text has seldom more than
 * 50. Our choice.
 */
const DISTINCT_VALUES = 64

/**
 * Whether what a caller sent at first is probably the key of an encrypted handshake (MSE), which is not spoken here. That begins with nothing
 * but random bytes, so it can't be told for sure; nor can a key that came in pieces. To be asked of what is neither BitTorrent nor TLS.
 */
export function isProbablyEncrypted(firstBytes: Uint8Array): boolean {
  const { length } = firstBytes
  if (length < KEY_BYTES || length > KEY_BYTES + MAX_PADDING_BYTES) return false
  return new Set(firstBytes.subarray(0, KEY_BYTES)).size >= DISTINCT_VALUES
}
