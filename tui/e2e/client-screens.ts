import { afterEach, beforeEach } from "vitest"
import { PtyScreen } from "../testing/pty-screen.js"
import { Playground } from "./playground.js"

interface Size {
  readonly columns: number
  readonly rows: number
}

/**
 * Gives each test of a file a playground with a tracker. Returns what opens the screen of a client there by the path of its config, or that
 * of the client that runs. The screens are closed after each test.
 */
export function onClientScreens(
  take: (ground: Playground) => void,
): (config: string, size: Size) => Promise<PtyScreen> {
  const screens: PtyScreen[] = []
  let ground: Playground
  beforeEach(async () => {
    ground = await Playground.create()
    take(ground)
    await ground.tracker()
  })
  afterEach(async () => {
    for (const screen of screens.splice(0)) await screen.close()
    await ground.close()
  })
  return async (config, size) => {
    const screen = new PtyScreen("bin/p2p-tui.js", [config], size)
    screens.push(screen)
    await screen.until((text) => /q (quit|detach)/.test(text))
    return screen
  }
}
