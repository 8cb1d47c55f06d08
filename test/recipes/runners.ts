import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { inRoot } from '../docs/pages.ts'
import { killGroup, startChild } from '../support/children.ts'
import { freePort } from '../support/free-port.ts'
import { installIntegrations } from './install.ts'
import { folder } from './observe.ts'

// npm run docs -- runners: what happens to a request in flight, and to the app, when what started the app gets a signal.
// SIGTERM goes to the runner alone, as from a platform; a Ctrl-C to all its group, as from a terminal.

const integrations = `${folder}node_modules/.bin/`
const own = inRoot('node_modules/.bin/')

/** How an app is started, as somebody would write it, and with the paths of the programs. */
const runners: readonly (readonly [shown: string, command: readonly string[], path?: string])[] = [
  ['`node app.js`', ['node', 'app.js']],
  ['`node --watch app.js`', ['node', '--watch', 'app.js']],
  ['`tsx app.ts`', [`${own}tsx`, 'app.js']],
  ['`tsx app.ts`, the event loop busy', [`${own}tsx`, 'app.js'], '/busy'],
  ['`node --import tsx app.ts`, the event loop busy', ['node', '--import', 'tsx', 'app.js'], '/busy'],
  ['`tsx watch app.ts`', [`${own}tsx`, 'watch', 'app.js']],
  ['`nodemon app.js`', [`${own}nodemon`, 'app.js']],
  ['`concurrently "node app.js" …`', [`${integrations}concurrently`, 'node app.js', 'sleep 600']],
  ['`concurrently -k "node app.js" …`', [`${integrations}concurrently`, '-k', 'node app.js', 'sleep 600']],
  ['`npm start`: `node app.js`', ['npm', 'start']],
  ['`npm start`: `exec node app.js`', ['npm', 'run', 'start:exec']],
  ['`pnpm start`: `node app.js`', [`${integrations}pnpm`, 'start']],
  ['`pnpm start`: `exec node app.js`', [`${integrations}pnpm`, 'start:exec']],
  ['`yarn start` (1): `node app.js`', [`${integrations}yarn`, 'start']],
  ['`yarn start` (1): `exec node app.js`', [`${integrations}yarn`, 'start:exec']]
]

/** What somebody sees who waits no longer than this. */
const patience = 5_000

async function observe(
  command: readonly string[],
  signal: 'SIGTERM' | 'Ctrl-C',
  path = '/slow'
): Promise<string> {
  const port = await freePort()
  const [program = '', ...args] = command
  const child = startChild(program, args, {
    cwd: `${folder}runners`,
    env: { ...process.env, PORT: String(port), NODE_TEST_CONTEXT: undefined, KUBERNETES_SERVICE_HOST: '' },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk
    })
  }
  const wrote = async (text: string) => {
    for (let left = 1_200; !output.includes(text); left--) {
      if (left === 0) throw new Error(`${command.join(' ')} never wrote '${text}':\n${output}`)
      await sleep(25)
    }
  }
  try {
    const exited = once(child, 'exit').then(([code, by]) => String(code ?? by))
    await wrote('Server listening')
    const answer = fetch(`http://127.0.0.1:${port}${path}`).then(
      () => 'answered',
      () => '**lost**'
    )
    if (path === '/slow') await wrote('incoming request')
    await sleep(100)
    if (signal === 'SIGTERM') child.kill('SIGTERM')
    else killGroup(child, 'SIGINT')
    const code = await Promise.race([exited, sleep(patience, '**stays**')])
    const request = await answer
    await sleep(1_500)
    const isLeft = await fetch(`http://127.0.0.1:${port}/livez`).then(
      () => code !== '**stays**',
      () => false
    )
    return [request, code, isLeft ? '**runs on**' : ''].filter((word) => word !== '').join(', ')
  } finally {
    killGroup(child)
  }
}

installIntegrations()
const page = inRoot('docs/recipes/runners.md')
const [begin, end] = ['<!-- table: npm run docs -- runners -->\n', '<!-- /table -->']
const lines = [`| started with | SIGTERM | Ctrl-C |`, '|---|---|---|']
for (const [shown, command, path] of runners) {
  const line = `| ${shown} | ${await observe(command, 'SIGTERM', path)} | ${await observe(command, 'Ctrl-C', path)} |`
  process.stdout.write(`${line}\n`)
  lines.push(line)
}
const [before, rest] = readFileSync(page, 'utf8').split(begin) as [string, string]
const npm = /npm\/(\S+)/.exec(process.env['npm_config_user_agent'] ?? '')?.[1] ?? 'as installed'
const head = `Node.js ${process.versions.node}, npm ${npm}, on Debian, whose \`sh\` is dash. One run of each.`
writeFileSync(page, `${before}${begin}\n${head}\n\n${lines.join('\n')}\n\n${end}${rest.split(end)[1]}`)
process.exit()
