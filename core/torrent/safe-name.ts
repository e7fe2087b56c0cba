import { NAME_JOINER } from "../base/joiners.js"

/** Most file systems allow 255 bytes; the rest is for the endings that a download and its record carry. */
const MAX_NAME_BYTES = 200

/** An ending longer than this is no ending; it is cut with the rest. */
const MAX_ENDING_BYTES = 20

/** Characters that are removed from a name; a permitted joiner is captured. */
const UNSAFE = new RegExp(`(${NAME_JOINER})|[\\p{C}\\p{Zl}\\p{Zp}]`, "gu")

const FALLBACK_NAME = "unnamed"

/** Names that stand for devices on Windows, with any ending, and with blanks before it. */
const DEVICE_NAME = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?= *(\.|$))/i

/** Endings of the files beside an unfinished download: a document with such a name would be taken for one of them. */
const OWN_ENDING = /\.part(\.resume|\.lock|\.aside|\.new)?$/i

/**
 * Maps any text to a safe name for a file in a folder of ours: one path component, no control, format (but
 * joiners of words and pictures) or bidi characters, not hidden, nothing that means something else on another system. Safe names come back unchanged.
 */
export function safeFileName(name: string): string {
  const lastComponent = name.split(/[/\\]/).filter(Boolean).at(-1) ?? ""
  const cleaned = lastComponent
    .replace(UNSAFE, (_, joiner: string | undefined) => joiner ?? "")
    .replace(/[<>:"|?*]/g, "_")
    .trim()
    // No leading dot: "." and ".." are folders, others are hidden, and our own state folder is one of them.
    .replace(/^\.+/, "_")
    .replace(/[. ]+$/, "")
  const named = cleaned === "" || cleaned === "_" ? FALLBACK_NAME : cleaned
  return shortenName(named.replace(DEVICE_NAME, "_$&"), MAX_NAME_BYTES).replace(OWN_ENDING, "$&_")
}

/** Whether a file of this name would be taken for one beside an unfinished download. */
export function hasOwnEnding(name: string): boolean {
  return OWN_ENDING.test(name)
}

/** Cuts the stem of a name that takes more than `maxBytes` in UTF-8, keeps the ending, and never cuts inside a character. */
export function shortenName(name: string, maxBytes: number): string {
  if (Buffer.byteLength(name) <= maxBytes) return name
  const dot = name.lastIndexOf(".")
  const ending = dot > 0 && Buffer.byteLength(name.slice(dot)) <= MAX_ENDING_BYTES ? name.slice(dot) : ""
  const stem = ending === "" ? name : name.slice(0, dot)
  return cutToBytes(stem, maxBytes - Buffer.byteLength(ending)).replace(/[\s\u200C\u200D]+$/u, "") + ending
}

/** The longest beginning of `text` that takes at most `maxBytes` in UTF-8; no character is cut. */
export function cutToBytes(text: string, maxBytes: number): string {
  let kept = ""
  let bytes = 0
  for (const char of text) {
    bytes += Buffer.byteLength(char)
    if (bytes > maxBytes) break
    kept += char
  }
  return kept
}
