#!/usr/bin/env bun
import { raiseRequestLimit } from './request-limit.ts'

// Before anything else is loaded: a process that starts itself anew would load it twice.
raiseRequestLimit(process.argv.slice(2))

const { run } = await import('./run.ts')
await run()
