import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { killGroup, startNode } from '../support/children.ts'
import { request } from '../support/client.ts'
import { freePort } from '../support/free-port.ts'
import { Load } from '../support/load.ts'
import { PM2 } from '../support/pm2.ts'
import { compiled, type LogLine, withSignals } from '../support/program.ts'

describe('PM2', withSignals, () => {
  test('reloads a cluster under load, and no request is lost', async (t) => {
    const pm2 = new PM2(t)
    const port = await pm2.start('examples/pm2/server')
    const load = new Load(port)
    await load.more(200)
    await pm2.run('reload', 'orders')
    await load.more(200)
    const { answered, failures } = await load.stop()
    t.diagnostic(`${answered} answered, ${failures.length} lost`)
    assert.deepEqual(failures, [])
    const lines = await pm2.lastLines(2)
    assert.deepEqual(
      lines.map(({ exitCode, signal }) => [exitCode, signal]),
      Array(2).fill([0, 'SIGINT'])
    )
    assert.ok(pm2.logs.every(({ level }) => level === 30))
  })

  test('stops with its message where it is told to, and the shutdown is the same', async (t) => {
    const pm2 = new PM2(t)
    const port = await pm2.start('test/fixtures/platforms/service', {
      shutdown_with_message: true,
      instances: 1
    })
    const held = request(port, '/held')
    const worker = await pm2.logged('arrived at')
    const stopped = pm2.run('stop', 'orders')
    await pm2.logged('draining')
    process.kill(worker, 'SIGUSR2')
    await stopped
    assert.equal((await held).status, 200)
    const [{ exitCode, report }] = (await pm2.lastLines(1)) as [LogLine]
    assert.equal(exitCode, 0)
    assert.deepEqual(report?.reason, { type: 'shutdown', message: 'pm2' })
  })

  test('can be killed, and a worker still answers what is in flight', async (t) => {
    const pm2 = new PM2(t)
    // PM2's own metrics end a worker whose daemon is gone.
    const port = await pm2.start('test/fixtures/platforms/service', { pmx: false, instances: 1 })
    const held = request(port, '/held')
    const worker = await pm2.logged('arrived at')
    process.kill(pm2.daemon, 'SIGKILL')
    await pm2.logged('draining')
    process.kill(worker, 'SIGUSR2')
    assert.equal((await held).status, 200)
    const [{ exitCode, report }] = (await pm2.lastLines(1)) as [LogLine]
    assert.equal(exitCode, 0)
    assert.deepEqual(report?.reason, { type: 'shutdown', message: 'the primary is gone' })
  })

  test('in fork mode receives `ready` when nothing holds it off any more', async (t) => {
    const port = await freePort()
    const env = { ...process.env, PORT: String(port), pm_id: '0', kill_timeout: '10000' }
    const child = startNode(compiled('test/fixtures/platforms/service'), [], {
      env,
      stdio: ['ignore', 'pipe', 'inherit', 'ipc']
    })
    t.after(() => killGroup(child))
    const messages: unknown[] = []
    child.on('message', (message) => messages.push(message))
    await once(child.stdout as NodeJS.ReadableStream, 'data')
    assert.equal((await request(port, '/readyz')).status, 503)
    assert.deepEqual(messages, [])
    await Promise.all([once(child, 'message'), request(port, '/release')])
    assert.deepEqual(messages, ['ready'])
    child.send('something else')
    child.send('shutdown')
    assert.deepEqual(await once(child, 'exit'), [0, null])
  })
})
