#!/usr/bin/env node
import { requireRuntime } from "../core/node-version.js"

requireRuntime("p2p-tui")
// Node would open its debugger to every program of this user.
process.on("SIGUSR1", () => undefined)
// Only now: older runtimes fail to load it, each with another wrong diagnosis.
await import("./main.js")
