/** The first identity in a hello's pre_shared_key (RFC 8446, 4.2.11): list length 2, length 2, text. */
export function identityIn(hello: Buffer): string {
  const extension = extensionsOf(hello).get(41) ?? Buffer.alloc(4)
  return extension.subarray(4, 4 + extension.readUInt16BE(2)).toString("latin1")
}

/** A hello whose pre_shared_key, which is its last extension, names `count` identities of one letter, with one binder. */
export function withIdentities(hello: Buffer, count: number): Buffer {
  const old = extensionsOf(hello).get(41) ?? Buffer.alloc(0)
  const identity = Buffer.from([0, 1, 0x78, 0, 0, 0, 0])
  const identities = Buffer.alloc(count * identity.length, identity)
  const extension = Buffer.concat([
    uint16(identities.length),
    identities,
    uint16(33),
    Buffer.from([32]),
    Buffer.alloc(32),
  ])
  const kept = hello.subarray(5 + 4, hello.length - old.length - 4)
  const body = Buffer.concat([kept, uint16(41), uint16(extension.length), extension])
  const lengthAt = extensionsLengthAt(hello) - 5 - 4
  body.writeUInt16BE(body.length - lengthAt - 2, lengthAt)
  const message = Buffer.concat([Buffer.from([1, 0]), uint16(body.length), body])
  return Buffer.concat([Buffer.from([0x16, 3, 1]), uint16(message.length), message])
}

function uint16(value: number): Buffer {
  return Buffer.from([value >>> 8, value & 0xff])
}

/** Where the length of all extensions stands in a hello. */
function extensionsLengthAt(record: Buffer): number {
  // Record header 5, message header 4, version 2, random 32; then session id, suites and compression, each with its length.
  let at = 5 + 4 + 2 + 32
  at += 1 + record.readUInt8(at)
  at += 2 + record.readUInt16BE(at)
  return at + 1 + record.readUInt8(at)
}

/** The extensions of a ClientHello in its record (RFC 8446, 4.1.2), by their numbers. */
export function extensionsOf(record: Buffer): ReadonlyMap<number, Buffer> {
  let at = extensionsLengthAt(record)
  const end = at + 2 + record.readUInt16BE(at)
  at += 2
  const extensions = new Map<number, Buffer>()
  while (at < end) {
    const length = record.readUInt16BE(at + 2)
    extensions.set(record.readUInt16BE(at), record.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return extensions
}
