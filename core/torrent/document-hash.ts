const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** True for a document id as the tracker gives it: a uuid, any version, hex digits in any case. */
export function isDocumentHash(value: string): boolean {
  return UUID.test(value)
}
