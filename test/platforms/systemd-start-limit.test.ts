import assert from 'node:assert/strict'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import { deploymentFor } from '../../deployment/index.ts'
import { cleanup } from '../support/cleanup.ts'
import { hasContainers, hasProgram, whereContainers } from '../support/container.ts'
import { freePort } from '../support/free-port.ts'
import { Systemd } from '../support/systemd.ts'

const isThere = ['systemd-notify', 'python3', 'nsenter'].every(hasProgram)
const where =
  isThere || !hasContainers ? whereContainers() : { skip: 'NOT CHECKED: there is no systemd here' }

/** The units that `deploy` writes, around a program that fails at once, with more lines for the service. */
async function startBroken(t: TestContext, lines: readonly string[]) {
  const port = await freePort()
  const text = deploymentFor({}, { name: 'orders', port }).systemd.toText()
  const [, socket, service] = text.split(/^# \/etc\/systemd\/system\/.*\n/m) as [string, string, string]
  const alone = (unit: string, more: readonly string[] = []) =>
    unit.replace('[Unit]\n', ['[Unit]', 'DefaultDependencies=no', ...more, ''].join('\n'))
  const systemd = await Systemd.start(t, {
    'orders.socket': alone(socket),
    'orders.service': alone(service, lines).replace(/^ExecStart=.*$/m, 'ExecStart=/bin/false')
  })
  await systemd?.ctl('start', 'orders.socket')
  return { port, systemd }
}

/** A connection that is not closed by this side before the test ends. */
async function connect(t: TestContext, port: number): Promise<'connected' | 'refused'> {
  const socket = net.connect(port, '127.0.0.1')
  cleanup(t, () => socket.destroy())
  return new Promise((resolve) => {
    socket.once('connect', () => resolve('connected')).once('error', () => resolve('refused'))
  })
}

/** Resolves once systemd says so of the unit. */
async function shows(systemd: Systemd, unit: string, property: string, isRight: (value: string) => boolean) {
  for (;;) {
    const value = await systemd.ctl('show', `--property=${property}`, '--value', unit)
    if (isRight(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

test('a service that cannot start takes its socket along after five tries', where, async (t) => {
  const { port, systemd } = await startBroken(t, [])
  if (systemd === undefined) return t.skip('NOT CHECKED: systemd does not run as process 1 here')
  assert.equal(await connect(t, port), 'connected')
  await shows(systemd, 'orders.socket', 'ActiveState', (state) => state === 'failed')
  const result = await systemd.ctl('show', '--property=Result', '--value', 'orders.socket')
  assert.equal(result, 'service-start-limit-hit')
  assert.equal(await connect(t, port), 'refused')
  await systemd.ctl('reset-failed', 'orders.socket', 'orders.service')
  await systemd.ctl('start', 'orders.socket')
  assert.equal(await connect(t, port), 'connected')
})

test('without the limit systemd goes on, and the socket stays', where, async (t) => {
  const { port, systemd } = await startBroken(t, ['StartLimitIntervalSec=0'])
  if (systemd === undefined) return t.skip('NOT CHECKED: systemd does not run as process 1 here')
  assert.equal(await connect(t, port), 'connected')
  await shows(systemd, 'orders.service', 'NRestarts', (count) => Number(count) > 5)
  assert.equal(await systemd.ctl('show', '--property=ActiveState', '--value', 'orders.socket'), 'active')
  assert.equal(await connect(t, port), 'connected')
})
