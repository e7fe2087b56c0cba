import { Box, useCursor } from "ink"
import { type ReactElement, useMemo, useSyncExternalStore } from "react"
import { createFrameSource } from "../views/frame-source.js"
import { CommandLine } from "./command-line.js"
import { ScreenRow } from "./screen-row.js"
import type { ScreenStore } from "./store.js"
import { stylesOf } from "./styles.js"

/** The whole screen: draws the frame of the store's state, when that has changed in something that is seen. */
export function App({ store }: { readonly store: ScreenStore }): ReactElement {
  const frame = useMemo(() => createFrameSource(store.state), [store])
  const { columns, hasColor, theme, background, rows, input } = useSyncExternalStore(store.subscribe, frame)
  const styles = stylesOf(hasColor, theme, background)
  const { setCursorPosition } = useCursor()
  setCursorPosition(input === undefined ? undefined : { x: input.cursorColumn, y: input.row })
  return (
    <Box flexDirection="column" width={columns} height={rows.length}>
      {rows.map((row, place) =>
        place === input?.row ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line of the screen is its place
          <CommandLine key={place} line={input} />
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line of the screen is its place
          <ScreenRow key={place} row={row} styles={styles} />
        ),
      )}
    </Box>
  )
}
