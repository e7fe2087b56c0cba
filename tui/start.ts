#!/usr/bin/env node
import { ignoreHangup } from "../core/base/hangup.js"
import { requireRuntime } from "../core/base/node-version.js"
import { keepCompiledCode } from "./program/compiled-code.js"
// Records the parent process.
import "../core/base/npx-parent.js"

ignoreHangup()
requireRuntime("p2p-tui")
// Node would open its debugger to every program of this user.
process.on("SIGUSR1", () => undefined)
keepCompiledCode()
// Only now: older runtimes fail to load it, each with another wrong diagnosis.
void import("./main.js")
