/** All that tui/ and anybody else may import of the engine. */
export { formatHostPort, parseHost } from "./announce/host.js"
export { isThisMachine } from "./announce/this-machine.js"
export * from "./client/client-api.js"
export * from "./client/events.js"
export { openClient } from "./client/open-client.js"
export * from "./client/snapshot.js"
export { displayText } from "./display.js"
export * from "./errors.js"
