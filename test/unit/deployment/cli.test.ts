import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { run } from '../../../deployment/cli.ts'
import { deploymentFor, type Platform } from '../../../deployment/index.ts'

const bin = fileURLToPath(new URL('../../../deployment/bin.js', import.meta.url))

/** Runs the command as a process of its own. */
function command(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [bin, ...args], (_error, stdout, stderr) => {
      resolve({ code: child.exitCode as number, stdout, stderr })
    })
  })
}

describe('the command', () => {
  test('is a process that writes to stdout, and warns on stderr', async () => {
    const { code, stdout, stderr } = await command('deploy', '--for', 'haproxy', '--lame-duck', '0')
    assert.equal(code, 0)
    assert.equal(stdout, deploymentFor({ lameDuck: 0 }).haproxy.toText())
    assert.match(stderr, /^Warning: `lameDuck` is 0 ms.*\n$/)
  })

  test('is a process that exits 2 with one sentence and no stack', async () => {
    const { code, stdout, stderr } = await command('deploy', '--for', 'docker', '--deadline', '25s')
    assert.deepEqual([code, stdout], [2, ''])
    assert.match(
      stderr,
      /^Option 'deadline' must be a number of milliseconds .* the string '25s'\.\nSee .*--help\n$/
    )
  })

  test('writes the text of each platform', () => {
    for (const platform of ['kubernetes', 'docker', 'compose', 'haproxy', 'nginx', 'systemd', 'pm2']) {
      const { stdout } = run(['deploy', '--for', platform])
      assert.equal(stdout, deploymentFor({})[platform as Platform].toText())
    }
  })

  test('turns every flag into the option of its name', () => {
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
      const { stdout, exitCode } = run(['deploy', '--for', platform, ...args, ...hosts])
      assert.equal(exitCode, 0)
      assert.equal(stdout, deploymentFor(options, place)[platform].toText())
    }
  })

  test('writes the values as JSON', () => {
    const { stdout } = run(['deploy', '--for', 'systemd', '--json', '--deadline', '1500.5'])
    const values = deploymentFor({ deadline: 1_500.5 }).systemd
    assert.deepEqual(JSON.parse(stdout), JSON.parse(JSON.stringify(values)))
    assert.equal(values.budget.deadline, 1_500.5)
  })

  test('explains itself when it is asked', () => {
    for (const args of [['--help'], ['deploy', '--help']]) {
      const { stdout, exitCode } = run(args)
      assert.equal(exitCode, 0)
      assert.match(stdout, /^Usage: fastify-lifecycle deploy --for <platform>/)
      for (const flag of [
        'for',
        'deadline',
        'lame-duck',
        'drain-timeout',
        'ready',
        'live',
        'port',
        'name',
        'image',
        'json'
      ])
        assert.match(stdout, new RegExp(`^ +--${flag} `, 'm'))
    }
    const without = run([])
    assert.deepEqual([without.exitCode, without.stdout], [2, ''])
    assert.match(without.stderr, /^Usage/)
  })

  const wrong: readonly [what: string, args: readonly string[], message: RegExp][] = [
    ['a flag that does not exist', ['deploy', '--deadlin=1'], /'deadlin'. Did you mean 'deadline'\?/],
    [
      'a command that does not exist',
      ['depoy', '--for', 'pm2'],
      /one of 'deploy', but it is the string 'depoy'/
    ],
    ['more than one command', ['deploy', 'pm2'], /'deploy pm2'/],
    ['no platform', ['deploy'], /'for' must be one of 'kubernetes', .* undefined/],
    ['a platform that nobody knows', ['deploy', '--for', 'k8s'], /'pm2', but it is the string 'k8s'/],
    ['a flag without its value', ['deploy', '--for', 'pm2', '--deadline'], /'deadline' must be a number/],
    ['an empty number', ['deploy', '--for', 'pm2', '--deadline='], /the string ''/],
    ['a negative number', ['deploy', '--for', 'pm2', '--deadline=-5'], /the string '-5'/],
    [
      'an impossible budget',
      ['deploy', '--for', 'pm2', '--lame-duck', '10000'],
      /more than the 'deadline' of 9000 ms/
    ],
    ['a name that is none', ['deploy', '--for', 'pm2', '--name', 'a b'], /'name' must be/]
  ]
  for (const [what, args, message] of wrong) {
    test(`refuses ${what}`, () => {
      const { stdout, stderr, exitCode } = run(args)
      assert.deepEqual([stdout, exitCode], ['', 2])
      assert.match(stderr, message)
    })
  }
})
