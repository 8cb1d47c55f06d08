import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { delimiter, join } from 'node:path'
import { cache, root } from './installed.mjs'

// Compilers and documentation are the same whatever runs them, and `npm test` has looked at them.
const unwanted = ['!docs/']
// But what compiles with the Fastify that is installed need not do so with an older one.
const unwantedHere = [...unwanted, '!package/types']
// Whole systems, where balancers, databases and the examples' packages do most of the work.
const systems = [
  '!benchmark/',
  '!examples/',
  ...['data', 'demo', 'haproxy', 'rolling', 'soak'].map((name) => `!process/${name}`)
]

/** Runs the suite with that Node.js, and says what came out. */
export async function runSuite({ programs, project, name, core }) {
  const begin = performance.now()
  const output = await run(programs, project, join(cache, `${name}.log`), core)
  const seconds = Math.round((performance.now() - begin) / 1_000)
  const of = (what) => count(output.text, what)
  // One that did not end in its time is cancelled.
  const [passed, failed, skipped] = [of('pass'), of('fail') + of('cancelled'), of('skipped')]
  const isGreen = output.code === 0 && failed === 0 && passed > 0
  return {
    isGreen,
    text: `${isGreen ? '✔' : '✖'} ${passed} passed, ${failed} failed, ${skipped} skipped, ${seconds} s`,
    failures: isGreen ? '' : output.text.slice(output.text.indexOf('✖ failing tests:'))
  }
}

function count(text, what) {
  return Number(new RegExp(`^ℹ ${what} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
}

function run(programs, cwd, log, core) {
  const env = { ...process.env, PATH: programs + delimiter + process.env.PATH, NO_COLOR: '1' }
  const child = spawn(
    join(programs, 'node'),
    ['scripts/run-tests.mjs', ...(cwd === root ? unwantedHere : unwanted), ...(core ? systems : [])],
    { cwd, env }
  )
  const file = createWriteStream(log)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      text += chunk
      file.write(chunk)
    })
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => {
      file.end()
      resolve({ code, text })
    })
  })
}
