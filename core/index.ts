/** All that tui/ and anybody else may import of the engine. */
export * from "./client/client-api.js"
export * from "./client/events.js"
export * from "./client/snapshot.js"
export * from "./errors.js"
