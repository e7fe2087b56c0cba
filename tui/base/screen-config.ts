/** What a screen may look like. "terminal": the terminal's own 16 colours. */
export const THEMES = ["terminal", "light", "dark", "color-blind", "high-contrast"] as const
export type Theme = (typeof THEMES)[number]

/** How the end of a download is announced: by the bell, by a notification of the desktop and the bell, or on the screen alone. */
export const NOTIFICATIONS = ["bell", "desktop", "none"] as const
export type Notification = (typeof NOTIFICATIONS)[number]

/** How the screen is wanted, as the config has it. */
export interface ScreenConfig {
  readonly theme: Theme | undefined
  readonly notify: Notification
  /** The title of the terminal shows what is done. */
  readonly title: boolean
  /** The terminal is sent its progress; undefined: where it is known to understand that. */
  readonly progress: boolean | undefined
}

export const DEFAULT_SCREEN: ScreenConfig = { theme: undefined, notify: "bell", title: true, progress: undefined }
