import { render } from "ink"
import type { Terminal } from "../terminal/terminal.js"
import { App } from "./app.js"
import type { ScreenStore } from "./store.js"

/** Measured: the screen costs 14 % of a core at 4 frames a second, 34 to 40 % at 10. Keys are drawn at once all the same, unless they come faster than this. */
const MAX_FPS = 15

export interface InkScreen {
  /** Draws everything anew, also what Ink believes to be there already. */
  redraw(): void
  unmount(): void
}

/** Draws the store's state with Ink until unmounted. Keys and the terminal's modes are none of its business. */
export function showScreen(store: ScreenStore, terminal: Terminal, stdin: NodeJS.ReadStream): InkScreen {
  const draw = () =>
    render(<App store={store} />, {
      // Ink takes columns, rows, isTTY, write, on and off of it, which ScreenOutput has.
      stdout: terminal.output as unknown as NodeJS.WriteStream,
      stdin,
      exitOnCtrlC: false,
      patchConsole: false,
      incrementalRendering: true,
      maxFps: MAX_FPS,
    })
  let instance = draw()
  const unmount = (): void => terminal.output.silently(() => instance.unmount())
  return {
    redraw: () => {
      // Ink has no way to forget what it has drawn but to begin again.
      unmount()
      terminal.clear()
      instance = draw()
    },
    unmount,
  }
}
