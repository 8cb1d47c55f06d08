import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { ways } from './ways.ts'

// Ends a process in every way, and prints the last line that each has written, and how it ended.

const app = fileURLToPath(new URL('app.js', import.meta.url))

for (const what of Object.keys(ways)) {
  const child = spawn(process.execPath, [app, what])
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => lines.push(...text.trimEnd().split('\n')))
  }
  const [code, signal] = await once(child, 'close')
  const { msg } = JSON.parse(lines.at(-1) as string)
  console.log(`${what}:\n    ${msg}\n    ${signal === null ? `exit code ${code}` : `killed by ${signal}`}\n`)
}
