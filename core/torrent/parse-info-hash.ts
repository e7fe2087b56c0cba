const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

/** The 20 bytes of an info hash in 40 hex or 32 base32 digits (BEP 9), or undefined. */
export function parseInfoHash(text: string): Uint8Array | undefined {
  if (/^[0-9a-f]{40}$/i.test(text)) return Uint8Array.from(Buffer.from(text, "hex"))
  if (!/^[a-z2-7]{32}$/i.test(text)) return undefined
  const bits = Array.from(text.toUpperCase(), (digit) => BASE32.indexOf(digit).toString(2).padStart(5, "0")).join("")
  return Uint8Array.from({ length: 20 }, (_, index) => Number.parseInt(bits.slice(8 * index, 8 * index + 8), 2))
}
