import { Box, Text } from "ink"
import TextInput from "ink-text-input"
import type { ReactElement } from "react"
import type { InputLine } from "../views/footer.js"

/** ink-text-input loses keys that arrive together: the reducer keeps value and cursor, the field only shows them. */
const ignore = (): void => {}

/** The line being typed. The terminal's own cursor stands in it (app.tsx), so that input methods find their place. */
export function CommandLine({ line }: { readonly line: InputLine }): ReactElement {
  return (
    <Box height={1} flexShrink={0}>
      <Text>{line.prompt}</Text>
      <TextInput value={line.text} focus={false} onChange={ignore} />
    </Box>
  )
}
