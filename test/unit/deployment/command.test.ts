import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { deploymentFor, type Platform } from '../../../deployment/index.ts'
import { command } from '../../support/command.ts'

describe('fastify-lifecycle deploy', () => {
  test('writes to stdout, and warns on stderr', async () => {
    const { exitCode, stdout, stderr } = await command(['deploy', '--for', 'haproxy', '--lame-duck', '0'])
    assert.equal(exitCode, 0)
    assert.equal(stdout, deploymentFor({ lameDuck: 0 }).haproxy.toText())
    assert.match(stderr, /^Warning: `lameDuck` is 0 ms.*\n$/)
  })

  test('writes the text of each platform', async () => {
    for (const platform of ['kubernetes', 'docker', 'compose', 'haproxy', 'nginx', 'systemd', 'pm2']) {
      const { stdout } = await command(['deploy', '--for', platform])
      assert.equal(stdout, deploymentFor({})[platform as Platform].toText())
    }
  })

  test('turns every flag into the option of its name', async () => {
    const flags = {
      ...{ deadline: 40_000, 'lame-duck': 10_000, 'drain-timeout': 20_000 },
      ...{ ready: '/r', live: '/l', startup: '/s', 'probe-port': 9_000 },
      ...{ name: 'orders', image: 'orders:1', port: 8_080, replicas: 5, grace: 44_500 },
      ...{ 'probe-period': 3_000, 'probe-timeout': 2_000, 'probe-failures': 4 }
    }
    const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, `${value}`])
    const options = {
      ...{ deadline: 40_000, lameDuck: 10_000, drainTimeout: 20_000 },
      health: { ready: '/r', live: '/l', startup: '/s', port: 9_000 }
    }
    const place = {
      ...{ name: 'orders', image: 'orders:1', port: 8_080, replicas: 5, grace: 44_500 },
      ...{ hosts: ['a', 'b'], probe: { period: 3_000, timeout: 2_000, failures: 4 } }
    }
    const hosts = ['--host', 'a', '--host=b']
    for (const platform of ['kubernetes', 'haproxy'] as const) {
      const { stdout, exitCode } = await command(['deploy', '--for', platform, ...args, ...hosts])
      assert.equal(exitCode, 0)
      assert.equal(stdout, deploymentFor(options, place)[platform].toText())
    }
  })

  test('writes the values as JSON', async () => {
    const { stdout } = await command(['deploy', '--for', 'systemd', '--json', '--deadline', '1500.5'])
    const values = deploymentFor({ deadline: 1_500.5 }).systemd
    assert.deepEqual(JSON.parse(stdout), JSON.parse(JSON.stringify(values)))
    assert.equal(values.budget.deadline, 1_500.5)
  })

  test('explains each flag', async () => {
    const { stdout, exitCode } = await command(['deploy', '--help'])
    assert.equal(exitCode, 0)
    assert.match(stdout, /^Usage: fastify-lifecycle deploy --for <platform>/)
    const flags = [
      ...['for', 'deadline', 'lame-duck', 'drain-timeout', 'ready', 'live', 'port', 'name', 'image', 'json']
    ]
    for (const flag of flags) assert.match(stdout, new RegExp(`^ +(-h, )?--${flag} `, 'm'))
  })

  const wrong: readonly [what: string, args: readonly string[], message: RegExp][] = [
    ['words', ['pm2'], /takes flags only, but 'pm2' was given/],
    ['no platform', [], /'for' must be one of 'kubernetes', .* undefined/],
    ['a platform that nobody knows', ['--for', 'k8s'], /'pm2', but it is the string 'k8s'/],
    ['an empty number', ['--for', 'pm2', '--deadline='], /the string ''/],
    ['a negative number', ['--for', 'pm2', '--deadline=-5'], /the string '-5'/],
    [
      'a time with a unit',
      ['--for', 'pm2', '--deadline', '25s'],
      /number of milliseconds .* the string '25s'/
    ],
    ['an impossible budget', ['--for', 'pm2', '--lame-duck', '10000'], /more than the 'deadline' of 9000 ms/],
    ['a name that is none', ['--for', 'pm2', '--name', 'a b'], /'name' must be/]
  ]
  for (const [what, args, message] of wrong) {
    test(`refuses ${what}`, async () => {
      const { stdout, stderr, exitCode } = await command(['deploy', ...args])
      assert.deepEqual([stdout, exitCode], ['', 2])
      assert.match(stderr, message)
    })
  }
})
