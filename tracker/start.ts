#!/usr/bin/env node
import { requireRuntime } from "../core/node-version.js"

requireRuntime("p2p-tracker")
// Only now: older runtimes fail to load it, each with another wrong diagnosis.
await import("./main.js")
