import assert from 'node:assert/strict'
import { renameSync } from 'node:fs'
import { describe, type TestContext, test } from 'node:test'
import { request } from '../support/client.ts'
import { freePort } from '../support/free-port.ts'
import { aLongTime } from '../support/in-time.ts'
import { missing, NotifySocket } from '../support/notify-socket.ts'
import { compiled, Program, withSignals } from '../support/program.ts'

const absent = missing()
if (absent !== undefined && process.env['CI'] !== undefined && process.platform === 'linux') {
  throw new Error(`there is no ${absent}: install it`)
}
const where = absent === undefined ? {} : { skip: `NOT CHECKED: there is no ${absent} on this machine` }

/** Starts a service as systemd does: the first process, with a socket to tell it things on. */
async function startService(t: TestContext, { file = 'test/fixtures/platforms/service', env = {} } = {}) {
  const socket = await NotifySocket.open(t)
  const port = await freePort()
  const asMain = ['-c', 'SYSTEMD_EXEC_PID=$$ exec "$0" "$@"', process.execPath, compiled(file)]
  const options = JSON.stringify({ deadline: aLongTime })
  const all = { NOTIFY_SOCKET: socket.path, PORT: String(port), LIFECYCLE_OPTIONS: options, ...env }
  const command = new Program(t, 'sh', asMain, all)
  await command.said('Server listening')
  return { socket, port, command }
}

describe('under systemd', { ...where, ...withSignals }, () => {
  test('it receives readiness, each phase, and how long the shutdown may take', async (t) => {
    const env = { LIFECYCLE_OPTIONS: JSON.stringify({ deadline: 20_000 }) }
    const { socket, port, command } = await startService(t, { env })
    await request(port, '/release')
    assert.deepEqual((await socket.said('READY')).variables, { READY: '1', STATUS: 'ready' })
    const held = request(port, '/held')
    await command.said('arrived at')
    command.kill('SIGTERM')
    const { STOPPING, EXTEND_TIMEOUT_USEC } = (await socket.said('STOPPING')).variables
    assert.deepEqual({ STOPPING, EXTEND_TIMEOUT_USEC }, { STOPPING: '1', EXTEND_TIMEOUT_USEC: '21000000' })
    while (socket.last('STATUS') !== 'draining, requests in flight: 1') await socket.next()
    command.kill('SIGUSR2')
    assert.equal((await held).status, 200)
    assert.equal((await command.exited).code, 0)
  })

  test('it is not told of readiness while something holds it off', async (t) => {
    const { socket, port } = await startService(t)
    assert.equal((await request(port, '/readyz')).status, 503)
    const before = Date.now()
    await request(port, '/release')
    assert.ok((await socket.said('READY')).at >= before)
    assert.equal(socket.received.length, 1)
  })

  test('a shutdown before that never tells of readiness', async (t) => {
    const { socket, command } = await startService(t)
    command.kill('SIGTERM')
    await socket.said('STOPPING')
    assert.equal((await command.exited).code, 0)
    assert.ok(socket.received.every(({ variables }) => !('READY' in variables)))
  })

  test('with WatchdogSec the event loop gives a sign of life, and none while it is blocked', async (t) => {
    const { socket, port, command } = await startService(t, { env: { WATCHDOG_USEC: '200000' } })
    await socket.said('WATCHDOG', 3)
    const { since, until } = JSON.parse((await request(port, '/block/2000')).body)
    const beats = () => socket.received.filter(({ variables }) => 'WATCHDOG' in variables)
    await socket.said('WATCHDOG', beats().length + 2)
    // One may have been on its way.
    const meanwhile = beats().filter(({ at }) => at > since && at < until)
    assert.ok(meanwhile.length <= 1, `${meanwhile.length} while blocked`)
    command.kill('SIGTERM')
    assert.equal((await command.exited).code, 0)
  })

  test('a watchdog that is for another process is not fed', async (t) => {
    const env = { WATCHDOG_USEC: '20000', WATCHDOG_PID: '1' }
    const { socket, port, command } = await startService(t, { env })
    await request(port, '/release')
    command.kill('SIGTERM')
    await command.exited
    assert.ok(socket.received.length > 0)
    assert.ok(socket.received.every(({ variables }) => !('WATCHDOG' in variables)))
  })

  test('a child of the process that systemd started tells nothing, and says what to change', async (t) => {
    const socket = await NotifySocket.open(t)
    const env = { NOTIFY_SOCKET: socket.path, SYSTEMD_EXEC_PID: '1', PORT: '0' }
    const command = new Program(t, process.execPath, [compiled('examples/systemd/server')], env)
    const { msg, level } = await command.logged(({ code }) => code === 'LIFECYCLE_SYSTEMD_NOT_MAIN')
    assert.equal(level, 40)
    assert.match(msg, /Start node itself/)
    await command.said('Server listening')
    command.kill('SIGTERM')
    assert.equal((await command.exited).code, 0)
    assert.deepEqual(socket.received, [])
  })

  test('a socket that nobody reads is one error, with what to do, and changes nothing else', async (t) => {
    const env = { NOTIFY_SOCKET: '/nowhere/notify' }
    const { port, command } = await startService(t, { env })
    await request(port, '/release')
    const { msg } = await command.logged(({ code }) => code === 'LIFECYCLE_SYSTEMD_UNREACHABLE')
    assert.match(msg, /systemd-notify ended with 1\. .*`NotifyAccess=all`/)
    command.kill('SIGTERM')
    assert.equal((await command.exited).code, 0)
    assert.equal(command.logs.filter(({ level }) => level > 30).length, 1)
  })

  test('a message that failed is sent again with the next sign of life', async (t) => {
    const { socket, port, command } = await startService(t, { env: { WATCHDOG_USEC: '200000' } })
    renameSync(socket.path, `${socket.path}.away`)
    await request(port, '/release')
    await command.logged(({ code }) => code === 'LIFECYCLE_SYSTEMD_UNREACHABLE')
    renameSync(`${socket.path}.away`, socket.path)
    assert.equal((await socket.said('READY')).variables['READY'], '1')
    await socket.said('WATCHDOG')
    command.kill('SIGTERM')
    assert.equal((await command.exited).code, 0)
    assert.equal(command.logs.filter(({ level }) => level > 30).length, 1)
  })

  test('a bare close of an app is no stop of the service', async (t) => {
    const { socket, port, command } = await startService(t)
    await request(port, '/close')
    assert.equal((await command.exited).code, 0)
    assert.ok(socket.received.some(({ variables }) => 'EXTEND_TIMEOUT_USEC' in variables))
    assert.ok(socket.received.every(({ variables }) => !('STOPPING' in variables)))
  })

  test('the example tells of its readiness once its warm-up is done', async (t) => {
    const { socket, port, command } = await startService(t, { file: 'examples/systemd/server' })
    assert.equal((await socket.said('READY')).variables['READY'], '1')
    assert.equal((await request(port, '/')).status, 200)
    command.kill('SIGTERM')
    await socket.said('STOPPING')
    assert.equal((await command.exited).code, 0)
  })
})

test('without the program systemd-notify there is one error, with what to do', withSignals, async (t) => {
  const env = { NOTIFY_SOCKET: '/nowhere/notify', PORT: '0', PATH: '/nowhere' }
  const command = new Program(t, process.execPath, [compiled('examples/systemd/server')], env)
  const { msg, level } = await command.logged(({ code }) => code === 'LIFECYCLE_SYSTEMD_UNREACHABLE')
  assert.equal(level, 50)
  assert.match(msg, /ENOENT.*needs the program `systemd-notify`/)
  command.kill('SIGTERM')
  assert.equal((await command.exited).code, 0)
})

test('without systemd no message is sent', withSignals, async (t) => {
  const command = new Program(t, process.execPath, [compiled('examples/systemd/server')], {
    PORT: '0',
    PATH: ''
  })
  await command.said('Server listening')
  command.kill('SIGTERM')
  assert.equal((await command.exited).code, 0)
  assert.ok(command.logs.every(({ level }) => level === 30))
})
