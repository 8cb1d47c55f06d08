import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { deploymentFor } from '../../deployment/index.ts'
import { options } from '../../examples/docker/options.ts'
import { cleanup } from '../support/cleanup.ts'
import { request } from '../support/client.ts'
import { Container, hasContainers, hasProgram, whereContainers } from '../support/container.ts'
import { aLongTime } from '../support/in-time.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const server = join(root, 'build/examples/docker/server.js')
const node = `${process.execPath} ${server}`

const where = whereContainers()
const isCI = process.env['CI'] !== undefined
if (hasContainers && isCI && !hasProgram('tini')) throw new Error('there is no tini: install it')
const withInit = hasProgram('tini') ? where : { skip: 'NOT CHECKED: there is no tini on this machine' }

interface Outcome {
  readonly container: Container
  readonly code: number | null
  /** The answer to the request that was in flight; `undefined` where there was none. */
  readonly status: number | undefined
}

/** Starts it as a container is started, and stops it with a request in flight. */
async function stopped(
  t: TestContext,
  command: readonly string[],
  { signal = 'SIGTERM', grace = aLongTime }: { signal?: NodeJS.Signals; grace?: number } = {}
): Promise<Outcome> {
  const container = new Container(t, command, { PORT: '0' })
  const slow = request(await container.listens(), '/slow').then(
    ({ status }) => status,
    () => undefined
  )
  await container.prints(/incoming request/)
  const code = await container.stop(signal, grace)
  return { container, code, status: await slow }
}

function walked({ container, code, status }: Outcome): void {
  assert.equal(status, 200)
  assert.match(container.output, /the pool has ended.*shutdown clean/s)
  assert.equal(code, 0)
}

function neverHeard({ container, code }: Outcome): void {
  assert.doesNotMatch(container.output, /LIFECYCLE_PHASE|the pool has ended/)
  assert.notEqual(code, 0)
}

/** A folder with a start script and a package of the user's. */
async function folder(t: TestContext, script: string): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'fastify-lifecycle-docker-'))
  cleanup(t, () => rm(path, { recursive: true, force: true }))
  await writeFile(join(path, 'start.sh'), `#!/bin/sh\n${script}\n`)
  await writeFile(join(path, 'package.json'), JSON.stringify({ scripts: { start: node } }))
  return path
}

describe('the first process of a container gets a warning:', where, () => {
  test('node itself, in the exec form', async (t) => {
    walked(await stopped(t, [process.execPath, server]))
  })

  test('node itself, by another STOPSIGNAL', async (t) => {
    walked(await stopped(t, [process.execPath, server], { signal: 'SIGINT' }))
  })

  test('a script that hands over with exec', async (t) => {
    walked(await stopped(t, ['sh', join(await folder(t, `exec ${node}`), 'start.sh')]))
  })

  test('an init process before node', withInit, async (t) => {
    walked(await stopped(t, ['tini', '--', process.execPath, server]))
  })
})

// A shell that is the first process ignores the signal: a second of grace is as good as ten.
describe('the first process of a container keeps it to itself:', where, () => {
  const grace = 1_000

  test('a shell that has more to do, and all is killed when the time is up', async (t) => {
    neverHeard(await stopped(t, ['sh', '-c', `${node}; echo over`], { grace }))
  })

  test('node before the plugin is registered', async (t) => {
    const script = 'console.log("up"); setInterval(() => {}, 1_000)'
    const container = new Container(t, [process.execPath, '-e', script])
    await container.prints(/up/)
    assert.equal(await container.stop('SIGTERM', grace), null)
  })

  test('a script without exec', async (t) => {
    neverHeard(await stopped(t, ['sh', join(await folder(t, node), 'start.sh')], { grace }))
  })

  test('npm start, which ends after its shell, and takes node with it', async (t) => {
    const path = await folder(t, node)
    neverHeard(await stopped(t, ['npm', '--prefix', path, 'start'], { grace }))
  })

  test('a shell behind an init process: it ends at once, and takes node with it', withInit, async (t) => {
    const outcome = await stopped(t, ['tini', '--', 'sh', '-c', `${node}; echo over`])
    neverHeard(outcome)
    assert.equal(outcome.code, 143)
  })

  test('npm start behind an init process, with the same end', withInit, async (t) => {
    const path = await folder(t, node)
    const outcome = await stopped(t, ['tini', '--', 'npm', '--prefix', path, 'start'])
    neverHeard(outcome)
    assert.equal(outcome.code, 143)
  })
})

describe('the files of examples/docker', () => {
  const { docker, compose } = deploymentFor(options, { name: 'orders', image: 'orders:1.0.0' })
  const read = (file: string) => readFileSync(join(root, 'examples/docker', file), 'utf8')

  test('say what deploymentFor says', () => {
    assert.equal(read('compose.yaml'), compose.toText())
    const instructions = docker.toText().match(/^(STOPSIGNAL|CMD) .*$/gm) as string[]
    assert.equal(instructions.length, 2)
    for (const instruction of instructions) assert.ok(read('Dockerfile').includes(`\n${instruction}\n`))
  })
})
