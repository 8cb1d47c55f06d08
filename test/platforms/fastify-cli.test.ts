import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LifecycleOptions } from 'fastify-lifecycle'
import { closedLoop, request } from '../support/client.ts'
import { freePort } from '../support/free-port.ts'
import { aLongTime, inTime, Late } from '../support/in-time.ts'
import { compiled, Program, source, withSignals } from '../support/program.ts'

const app = compiled('test/fixtures/platforms/started')

/** A real `fastify start`, with the log level that its own templates use. */
async function fastifyStart(
  t: TestContext,
  {
    file = app,
    flags = [],
    options = {}
  }: { file?: string; flags?: string[]; options?: LifecycleOptions } = {}
) {
  const port = await freePort()
  const args = ['start', '-l', 'info', '-a', '127.0.0.1', '-p', String(port), ...flags, file]
  const env = { LIFECYCLE_OPTIONS: JSON.stringify({ deadline: aLongTime, ...options }) }
  const begin = performance.now()
  const command = new Program(t, source('node_modules/.bin/fastify'), args, env)
  await command.said('Server listening')
  return { command, port, bootTime: performance.now() - begin }
}

/** Sends a request that is held; it is released later than after fastify-cli's own 500 ms. */
async function held({ command, port }: Awaited<ReturnType<typeof fastifyStart>>) {
  const status = request(port, '/held').then(
    (answer) => answer.status,
    (error) => error.code
  )
  await command.said('arrived at')
  const release = async () => {
    await command.said('draining')
    await sleep(700)
    assert.equal((await request(port, '/release')).status, 200)
  }
  return { status, release }
}

describe('fastify start', withSignals, () => {
  test('walks the same walk: under load nothing is lost, past its own 500 ms', async (t) => {
    const lameDuck = 1_500
    const started = await fastifyStart(t, { options: { lameDuck } })
    const { command, port } = started
    const load = closedLoop(port, '/', 8, { pause: 5 })
    await command.logged(({ msg }) => msg === 'request completed', 100)
    const { status, release } = await held(started)
    command.kill('SIGTERM')
    await release()
    assert.equal(await status, 200)
    const { lost, answers, longestStall } = await load
    t.diagnostic(
      `${answers.length} answered, ${lost.length} lost, clients late by ${Math.round(longestStall)} ms`
    )
    // A client that did not get its turn all through the window could not be told to go elsewhere.
    if (longestStall < lameDuck / 4) assert.deepEqual(lost, [])
    else t.diagnostic('NOT CHECKED: whether requests were lost, because this machine is overloaded')
    assert.equal((await command.exited).code, 0)
    const report = command.logs.at(-1)?.report
    assert.deepEqual(report?.reason, { type: 'signal', signal: 'SIGTERM' })
    assert.equal(report?.lameDuck.ended, 'window')
    assert.deepEqual(
      report?.hooks.map(({ outcome }) => outcome),
      ['ok']
    )
    assert.ok((report?.duration ?? 0) > 1_000)
    assert.deepEqual(
      command.logs.filter(({ level }) => level > 30),
      []
    )
  })

  test('a Ctrl-C that arrives twice is one', async (t) => {
    const started = await fastifyStart(t)
    const { command } = started
    const { status, release } = await held(started)
    command.killGroup('SIGINT')
    command.killGroup('SIGINT')
    await release()
    assert.equal(await status, 200)
    assert.equal((await command.exited).code, 0)
    assert.equal(command.reports.length, 1)
  })

  test('a stray rejection does not cut the drain', async (t) => {
    const started = await fastifyStart(t)
    const { command, port } = started
    const { status, release } = await held(started)
    command.kill('SIGTERM')
    await command.said('draining')
    assert.equal((await request(port, '/stray')).status, 200)
    await command.logged(({ code }) => code === 'LIFECYCLE_CRASH')
    await release()
    assert.equal(await status, 200)
    assert.equal((await command.exited).code, 1)
    assert.equal(command.logs.at(-1)?.report?.crashes.length, 1)
  })

  test('a crash drains, and ends with code 1 and the report', async (t) => {
    const started = await fastifyStart(t)
    const { command, port } = started
    const { status, release } = await held(started)
    assert.equal((await request(port, '/stray')).status, 200)
    await release()
    assert.equal(await status, 200)
    assert.equal((await command.exited).code, 1)
    assert.equal(command.logs.at(-1)?.report?.reason.type, 'unhandledRejection')
  })

  test('a second SIGTERM changes nothing', async (t) => {
    const started = await fastifyStart(t)
    const { command } = started
    const { status, release } = await held(started)
    command.kill('SIGTERM')
    await command.said('draining')
    await new Promise((resolve) => setTimeout(resolve, 600))
    command.kill('SIGTERM')
    await command.logged(({ code }) => code === 'LIFECYCLE_SIGNAL_REPEATED')
    await release()
    assert.equal(await status, 200)
    assert.equal((await command.exited).code, 0)
  })

  test('a second Ctrl-C later on ends it at once, with the report of what was abandoned', async (t) => {
    const started = await fastifyStart(t)
    const { command } = started
    const { status } = await held(started)
    command.kill('SIGINT')
    await command.said('draining')
    await new Promise((resolve) => setTimeout(resolve, 600))
    command.kill('SIGINT')
    assert.equal((await command.exited).code, 1)
    assert.equal(command.logs.at(-1)?.report?.outcome, 'abandoned')
    assert.equal(await status, 'ECONNRESET')
  })

  test('with -o and skipOverride the app is the root, and it is the same', async (t) => {
    const started = await fastifyStart(t, { flags: ['-o'] })
    const { status, release } = await held(started)
    started.command.kill('SIGTERM')
    await release()
    assert.equal(await status, 200)
    assert.equal((await started.command.exited).code, 0)
  })

  test('with signals: false its own handler is in charge, and a warning names the flag', async (t) => {
    const started = await fastifyStart(t, { options: { signals: false, deadline: 9_000 } })
    const { command } = started
    const warning = await command.logged(({ code }) => code === 'LIFECYCLE_DEADLINE_MISMATCH')
    assert.match(warning.msg, /fastify-cli kills .* 500 ms .*`--close-grace-delay` of fastify-cli to 10000/)
    const { status } = await held(started)
    command.kill('SIGTERM')
    assert.equal((await command.exited).code, 1)
    assert.notEqual(await status, 200)
  })

  test('with signals: false and the flag there is no warning, and its handler runs the same shutdown', async (t) => {
    const flags = ['--close-grace-delay', String(2 * aLongTime)]
    const started = await fastifyStart(t, { flags, options: { signals: false } })
    const { command } = started
    const { status, release } = await held(started)
    command.kill('SIGTERM')
    await release()
    assert.equal(await status, 200)
    assert.equal((await command.exited).code, 0)
    assert.equal(command.reports[0]?.reason.type, 'close')
    assert.ok(command.logs.every(({ level }) => level === 30))
  })

  test('--watch shuts the app down before it starts the app anew', (t) =>
    inTime(t, async () => {
      const directory = mkdtempSync(join(tmpdir(), 'watched-'))
      t.after(() => rmSync(directory, { recursive: true }))
      const file = join(directory, 'app.mjs')
      writeFileSync(file, `export { default } from ${JSON.stringify(app)}\n`)
      // A write may be two changes, this is one.
      const touch = () => utimesSync(file, new Date(), new Date())
      const started = await fastifyStart(t, { file, flags: ['--watch', '--follow-watch', directory] })
      const { command, port } = started
      const { status, release } = await held(started)
      // Until the watcher is there to see it; seldom, because fastify-cli starts another process at each change,
      // which finds the port in use as long as the one before drains.
      touch()
      const touching = setInterval(touch, 10 * started.bootTime)
      await command.said('draining')
      clearInterval(touching)
      await release()
      const answer = await status
      // fastify-cli gives a process that it starts anew 5 s.
      if (command.output.includes('process forced end')) throw new Late('the end of the process')
      assert.equal(answer, 200)
      await command.said('Server listening', 2)
      assert.equal(command.reports[0]?.outcome, 'clean')
      assert.equal((await request(port, '/')).status, 200)
    }))
})

test('the example is an app for fastify start', withSignals, async (t) => {
  const { command, port } = await fastifyStart(t, { file: compiled('examples/fastify-cli/app') })
  assert.deepEqual(JSON.parse((await request(port, '/')).body), { hello: 'world' })
  command.kill('SIGTERM')
  assert.equal((await command.exited).code, 0)
  assert.ok(command.logs.some(({ msg }) => msg === 'goodbye'))
})
