import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

// An app with a hook that blocks the event loop, in a process of its own.
const blocked = fileURLToPath(new URL('../troubleshooting/blocked.js', import.meta.url))
const child = spawn(process.execPath, [blocked], { stdio: ['ignore', 'ignore', 'pipe'] })

let line = ''
child.stderr.on('data', (text) => {
  line += text
})
const [code, signal] = await once(child, 'close')
const { hostname, ...fields } = JSON.parse(line)
console.log({ code, signal })
console.log(JSON.stringify({ ...fields, stack: fields.stack.slice(0, 1) }, null, 2))
