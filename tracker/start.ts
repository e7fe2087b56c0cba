#!/usr/bin/env node
import { ignoreHangup } from "../core/base/hangup.js"
import { requireRuntime } from "../core/base/node-version.js"
// Records the parent process.
import "../core/base/npx-parent.js"

ignoreHangup()
requireRuntime("p2p-tracker")
// Only now: older runtimes fail to load it, each with another wrong diagnosis.
void import("./main.js")
