import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { startApp } from '../support/app-process.ts'
import { runToEnd } from '../support/children.ts'
import { cleanup } from '../support/cleanup.ts'
import { request } from '../support/client.ts'

/** What a person has: a terminal. */
const withTerminal = hasTerminals() ? {} : { skip: 'NOT CHECKED: it takes the `script` of util-linux' }

function hasTerminals(): boolean {
  try {
    return execFileSync('script', ['--version'], { encoding: 'utf8' }).includes('util-linux')
  } catch {
    return false
  }
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'quiet-'))
  cleanup(t, () => rmSync(path, { recursive: true, force: true }))
  return path
}

/** What a terminal shows of an app with pino-pretty that gets a Ctrl-C when it listens, from there on. */
async function ctrlC(t: TestContext, options: object, hook = ''): Promise<string[]> {
  const path = join(folder(t), 'app.mjs')
  writeFileSync(
    path,
    `import Fastify from '${import.meta.resolve('fastify')}'
    import lifecycle from '${import.meta.resolve('fastify-lifecycle')}'
    const transport = { target: '${import.meta.resolve('pino-pretty')}', options: { colorize: false } }
    const app = Fastify({ logger: { transport } })
    await app.register(lifecycle, ${JSON.stringify(options)})
    ${hook}
    await app.listen({ port: 0, host: '127.0.0.1' })
    process.kill(process.pid, 'SIGINT')`
  )
  const env = { ...process.env, KUBERNETES_SERVICE_HOST: '' }
  const command = `"${process.execPath}" "${path}"`
  const { stdout } = await runToEnd('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    env
  })
  const lines = stdout.trim().split(/\r?\n/)
  return lines.slice(lines.findIndex((line) => line.includes('Server listening')) + 1)
}

describe('a Ctrl-C at a terminal', withTerminal, () => {
  test('with nothing open is two lines, through pino-pretty', async (t) => {
    const lines = await ctrlC(t, {})
    assert.equal(lines.length, 2, lines.join('\n'))
    assert.match(String(lines[0]), /INFO .*: shutting down because of SIGINT: not ready any more, 0 requests/)
    assert.match(String(lines[1]), /INFO .*: shutdown clean in \d+ ms \(SIGINT\); exit code 0$/)
  })

  test('shows all of what went wrong', async (t) => {
    const lines = await ctrlC(t, {}, "app.onShutdown('db', () => { throw new Error('no pool') })")
    assert.ok(lines.some((line) => /ERROR .*shutdown failed/.test(line)))
    assert.ok(lines.some((line) => line.includes('outcome: "failed"')))
  })

  test('has the fields where the option `log` asks for them', async (t) => {
    const lines = await ctrlC(t, { log: { report: 'summary' } })
    assert.ok(lines.some((line) => line.includes('outcome: "clean"')))
  })
})

test('requests that are rejected log no error and no stack, and are counted in the last line', async (t) => {
  const app = await startApp(t, { options: { log: { report: 'auto' } } })
  const held = request(app.port, '/held/a')
  await app.message({ arrived: '/held/a' })
  app.kill('SIGTERM')
  await app.phase('draining')
  for (let count = 0; count < 20; count++) assert.equal((await request(app.port, '/')).status, 503)
  app.tell('answer a')
  await held
  assert.equal((await app.exited).code, 0)
  assert.doesNotMatch(app.stdout, /"stack"|"level":[456]0/)
  assert.match(String(app.logs.at(-1)?.msg), /: 1 finished, 20 answered 503; exit code 0$/)
})

describe('an app without a logger', () => {
  test('that ends with another code than 0 says one line on stderr', async (t) => {
    const hooks = [{ name: 'db', does: 'reject' }] as const
    const app = await startApp(t, { logger: false, hooks })
    app.kill('SIGTERM')
    assert.equal((await app.exited).code, 1)
    assert.match(
      app.stderr,
      /^shutdown failed in .* \(SIGTERM\): hook 'db' failed: Error: db rejected; exit code 1\n$/
    )
    assert.equal(app.stdout, '')
  })

  test('that ends with 0 says nothing', async (t) => {
    const app = await startApp(t, { logger: false })
    app.kill('SIGTERM')
    assert.equal((await app.exited).code, 0)
    assert.equal(app.stderr + app.stdout, '')
  })

  test('that has set the exit code itself says so', async (t) => {
    const app = await startApp(t, { logger: false, exitCode: 75 }, { fixture: 'held' })
    app.kill('SIGTERM')
    assert.equal((await app.exited).code, 75)
    assert.equal(app.stderr, 'the exit code is 75, because the app has set `process.exitCode`\n')
  })
})

test('a logger that is made of streams, as winston is, loses no line, and has message and stack', async (t) => {
  const logFile = join(folder(t), 'log')
  const hooks = [{ name: 'db', does: 'reject' }] as const
  const app = await startApp(t, { logFile, lines: 20_000, hooks }, { fixture: 'streams-logger' })
  app.kill('SIGTERM')
  assert.equal((await app.exited).code, 1)
  const lines = readFileSync(logFile, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.equal(lines.filter(({ line }) => line !== undefined).length, 20_000)
  const failed = lines.find(({ code, outcome }) => code === 'LIFECYCLE_HOOK' && outcome === 'error')
  assert.match(failed.message, /^hook 'db' failed after/)
  assert.equal(failed.err.message, 'db rejected')
  assert.match(failed.err.stack, /serve\.js/)
  assert.match(lines.at(-1).message, /^shutdown failed in .*; exit code 1$/)
})
