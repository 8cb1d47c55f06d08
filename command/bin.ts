#!/usr/bin/env node
import { run } from './run.ts'
import { terminalOf } from './terminal.ts'

void run(process.argv.slice(2), terminalOf(process)).then((exitCode) => {
  process.exitCode = exitCode
})
