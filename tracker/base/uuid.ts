const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** The form in which a document's id is kept, and in which nearly all clients send it. */
export function isLowerCaseUuid(text: string): boolean {
  return UUID.test(text)
}
