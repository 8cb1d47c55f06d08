import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, type TestContext, test } from 'node:test'
import { request } from '../support/client.ts'
import { freePort } from '../support/free-port.ts'
import { aLongTime } from '../support/in-time.ts'
import { Load } from '../support/load.ts'
import { compiled, Program, withSignals } from '../support/program.ts'
import { HeldService } from '../support/socket-holder.ts'

const absent = ['systemd-socket-activate', 'python3'].find((program) => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return false
  } catch {
    return true
  }
})
if (absent !== undefined && process.env['CI'] !== undefined && process.platform === 'linux') {
  throw new Error(`there is no ${absent}: install it`)
}
const where = absent === undefined ? {} : { skip: `NOT CHECKED: there is no ${absent} on this machine` }

const service = compiled('test/fixtures/platforms/service')
const options = (more: object = {}) => ({
  WARM: 'yes',
  LIFECYCLE_OPTIONS: JSON.stringify({ deadline: aLongTime, ...more })
})

/** A service that the real program of systemd starts at the first connection. */
async function activated(
  t: TestContext,
  { names = ['http'], env = {}, command = [process.execPath, service] as readonly string[] } = {}
): Promise<{ ports: number[]; program: Program }> {
  const ports: number[] = []
  for (const _name of names) ports.push(await freePort())
  const listen = ports.flatMap((port) => ['-l', `127.0.0.1:${port}`])
  const variables = Object.entries({ PATH: process.env['PATH'], ...options(), ...env })
  const set = variables.map(([name, value]) => `--setenv=${name}=${value}`)
  const args = [...listen, `--fdname=${names.join(':')}`, ...set, ...command]
  const program = new Program(t, 'systemd-socket-activate', args)
  await program.prints(new RegExp(`Listening on .* as ${2 + names.length}`))
  return { ports, program }
}

describe('with systemd-socket-activate', { ...where, ...withSignals }, () => {
  test('the first connection starts the service, is answered, and at the signal the app hands over', async (t) => {
    const { ports, program } = await activated(t)
    const [port] = ports as [number]
    const { status, body } = await request(port, '/')
    assert.deepEqual([status, JSON.parse(body).pid], [200, program.pid])
    program.kill('SIGTERM')
    assert.equal((await program.exited).code, 0)
    assert.ok('handOver' in program.report)
  })

  test('of several sockets the app listens on the one that it asks for', async (t) => {
    const { ports, program } = await activated(t, { names: ['admin', 'http'], env: { SOCKET: 'http' } })
    const [, port] = ports as [number, number]
    assert.equal((await request(port, '/')).status, 200)
    program.kill('SIGTERM')
    assert.equal((await program.exited).code, 0)
  })

  test('of several sockets one must be asked for', async (t) => {
    const { ports, program } = await activated(t, { names: ['admin', 'http'] })
    const [port] = ports as [number]
    await assert.rejects(request(port, '/'))
    assert.equal((await program.exited).code, 1)
    assert.match(program.output, /FST_LIFECYCLE_SYSTEMD_SOCKET_AMBIGUOUS/)
  })

  test('a child of the process that systemd started gets no socket, and says what to change', async (t) => {
    const port = String(await freePort())
    const { ports, program } = await activated(t, {
      env: { SYSTEMD_EXEC_PID: '1', PORT: port },
      command: ['/bin/sh', '-c', `${process.execPath} ${service}; true`]
    })
    const never = request(ports[0] as number, '/').catch(() => {})
    const { msg } = await program.logged(({ code }) => code === 'LIFECYCLE_SYSTEMD_NOT_MAIN')
    assert.match(msg, /passes no socket.*Start node itself/)
    assert.equal(await program.listens(), Number(port))
    program.killGroup('SIGKILL')
    await never
  })
})

describe('under a socket that is held', { ...where, ...withSignals }, () => {
  test('a restart refuses nobody and loses nothing', async (t) => {
    const held = new HeldService(t, service, { env: options() })
    const load = new Load(await held.portOf())
    const first = await held.nextStart()
    await load.more(100)
    process.kill(first, 'SIGTERM')
    assert.equal(await held.ended(first), 0)
    const second = await held.nextStart()
    await load.more(100)
    const { answered, failures } = await load.stop()
    t.diagnostic(`${answered} answered`)
    assert.deepEqual(failures, [])
    process.kill(second, 'SIGTERM')
    assert.equal(await held.ended(second), 0)
    assert.ok(held.reports.every(({ handOver }) => handOver !== undefined))
  })

  test('after a crash the next process answers those who wait, and nobody is refused', async (t) => {
    const held = new HeldService(t, service, { env: options() })
    const port = await held.portOf()
    assert.equal((await request(port, '/')).status, 200)
    const first = await held.nextStart()
    const inFlight = request(port, '/held')
    await held.said('arrived at /held')
    process.kill(first, 'SIGKILL')
    await assert.rejects(inFlight, { code: 'ECONNRESET' })
    const { body } = await request(port, '/')
    assert.equal(JSON.parse(body).pid, await held.nextStart())
  })

  test('a reload of a cluster replaces its workers, and loses nothing', async (t) => {
    const env = { ...options(), BEHAVIOUR: '/nowhere' }
    const held = new HeldService(t, compiled('test/fixtures/platforms/cluster'), { env })
    const load = new Load(await held.portOf())
    const primary = await held.nextStart()
    await load.more(100)
    process.kill(primary, 'SIGHUP')
    await held.wrote('all workers are replaced', 2)
    await load.more(100)
    assert.deepEqual((await load.stop()).failures, [])
    process.kill(primary, 'SIGTERM')
    assert.equal(await held.ended(primary), 0)
  })

  test('with `handOver: false` the app answers 503 during its drain', async (t) => {
    const held = new HeldService(t, service, { env: options({ handOver: false }) })
    const port = await held.portOf()
    const pending = request(port, '/held')
    const first = await held.nextStart()
    await held.said('arrived at /held')
    process.kill(first, 'SIGTERM')
    await held.phase('draining')
    assert.equal((await request(port, '/')).status, 503)
    process.kill(first, 'SIGUSR2')
    assert.equal((await pending).status, 200)
  })
})
