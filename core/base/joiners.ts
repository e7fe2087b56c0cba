/**
 * Zero-width joiners and non-joiners that belong to a word or a picture: Persian, Hindi and other languages are misspelt without them, and
 * a family emoji falls apart. They are valid between two letters of such a script, or between two pictures, never at an end. Elsewhere
 * (between Latin letters) they only make two names look equal.
 */
const BETWEEN_LETTERS = String.raw`(?<=(?!\p{Script=Latin})[\p{L}\p{M}])[\u200C\u200D](?=(?!\p{Script=Latin})[\p{L}\p{M}])`
const BETWEEN_PICTURES = String.raw`(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F])\u200D(?=\p{Extended_Pictographic})`

/** The source of a regular expression (flag u) for joiners of words. Their width on a terminal is known: none. */
export const WORD_JOINER: string = BETWEEN_LETTERS

/** The same for those of words and of pictures, whose width a terminal decides. */
export const NAME_JOINER: string = `${BETWEEN_LETTERS}|${BETWEEN_PICTURES}`
