import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { deploymentFor } from '../../deployment/index.ts'
import { cleanup } from '../support/cleanup.ts'
import { request } from '../support/client.ts'
import { hasContainers, hasProgram, whereContainers } from '../support/container.ts'
import { freePort } from '../support/free-port.ts'
import { Load } from '../support/load.ts'
import { compiled } from '../support/program.ts'
import { Systemd } from '../support/systemd.ts'

const isThere = ['systemd-notify', 'python3', 'nsenter'].every(hasProgram)
const where =
  isThere || !hasContainers ? whereContainers() : { skip: 'NOT CHECKED: there is no systemd here' }

/** The units that `deploy` writes, with this service in them, and its log in a file. */
function unitsFor(t: TestContext, port: number) {
  const folder = mkdtempSync(join(tmpdir(), 'service-'))
  cleanup(t, () => rmSync(folder, { recursive: true }))
  const log = join(folder, 'log')
  const text = deploymentFor({}, { name: 'orders', port }).systemd.toText()
  const [, socket, service] = text.split(/^# \/etc\/systemd\/system\/.*\n/m) as [string, string, string]
  const start = `ExecStart=${process.execPath} ${compiled('test/fixtures/platforms/service')}`
  const lines = [start, 'Environment=WARM=yes', `StandardOutput=append:${log}`, `StandardError=append:${log}`]
  const alone = (unit: string) => unit.replace('[Unit]\n', '[Unit]\nDefaultDependencies=no\n')
  return {
    units: {
      'orders.socket': alone(socket),
      'orders.service': alone(service).replace(/^ExecStart=.*$/m, lines.join('\n'))
    },
    log: () => readFileSync(log, 'utf8')
  }
}

test('systemd as process 1 starts, restarts and revives a service, and refuses nobody', where, async (t) => {
  const port = await freePort()
  const { units, log } = unitsFor(t, port)
  const systemd = await Systemd.start(t, units)
  // What it needs of the kernel's control groups is not the same everywhere.
  if (systemd === undefined) return t.skip('NOT CHECKED: systemd does not run as process 1 here')
  await systemd.ctl('start', 'orders.socket')
  assert.equal(await systemd.ctl('show', '--property=ActiveState', '--value', 'orders.service'), 'inactive')
  // The first connection starts the service.
  const load = new Load(port)
  await load.more(100)
  await systemd.ctl('restart', 'orders.service')
  await load.more(100)
  assert.deepEqual(load.tally.failures, [], log())
  await systemd.ctl('kill', '--signal=KILL', '--kill-who=main', 'orders.service')
  await load.more(100)
  const { answered, failures } = await load.stop()
  t.diagnostic(`${answered} answered, ${failures.length} lost in the crash`)
  assert.deepEqual(
    failures.filter((failure) => failure === 'ECONNREFUSED' || failure === '503'),
    []
  )
  assert.equal(await systemd.ctl('show', '--property=NRestarts', '--value', 'orders.service'), '1')
  assert.equal((await request(port, '/')).status, 200)
  await systemd.ctl('stop', 'orders.service')
  const result = await systemd.ctl('show', '--property=Result,ExecMainStatus', '--value', 'orders.service')
  assert.deepEqual(result.split('\n').sort(), ['0', 'success'], log())
})
