import { shortenName } from "./safe-name.js"

/** Controls, half surrogate pairs, line separators and marks of the writing direction: none is in a name that a person typed. */
const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}/]/u
const EVERY_UNSAFE = new RegExp(UNSAFE.source, "gu")

/** Characters with a meaning on Windows, a name that ends in a dot or blank, and names of devices there. */
const UNSAFE_ON_WINDOWS = /[<>:"|?*\\]|[. ]$|^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(\.|$)/i

/** Most names: one cheap look in place of two. */
const PLAIN = /^[\w-][\w.-]*$/

const ONLY_DOTS = /^\.{1,2}$/

/**
 * Whether a name may stand in a path inside a folder document (docs/engine/file-formats.md#paths-in-a-folder). Hidden names may, and all that
 * Linux allows in the names of real trees ("a:b", "a\b").
 */
export function isSafeComponent(name: string, platform: string = process.platform): boolean {
  if (!PLAIN.test(name) && (name === "" || ONLY_DOTS.test(name) || UNSAFE.test(name))) return false
  return platform !== "win32" || !UNSAFE_ON_WINDOWS.test(name)
}

/** Bytes per name that most file systems allow. */
const MAX_COMPONENT_BYTES = 255

/** Maps any name to one that is safe and that file systems take, or to "" when nothing of it is left. A safe name comes back unchanged. */
export function safeComponent(name: string, platform: string = process.platform): string {
  const clean = name.replace(EVERY_UNSAFE, (character) => (character === "/" ? "_" : ""))
  // One byte is left for the "_" before a device's name.
  const short = Buffer.byteLength(clean) > MAX_COMPONENT_BYTES ? shortenName(clean, MAX_COMPONENT_BYTES - 1) : clean
  const named = ONLY_DOTS.test(short) ? "_".repeat(short.length) : short
  if (platform !== "win32") return named
  const portable = named.replace(/[<>:"|?*\\]/g, "_").replace(/[. ]+$/, (ending) => "_".repeat(ending.length))
  return UNSAFE_ON_WINDOWS.test(portable) ? `_${portable}` : portable
}
