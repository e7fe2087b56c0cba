/** Large and small letters are one, and so are the two ways to write an accent: macOS keeps the other one than is typed. */
export function folded(text: string): string {
  return text.normalize("NFC").toLowerCase()
}
