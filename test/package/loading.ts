import assert from 'node:assert/strict'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { User } from './user.ts'

/** That it can be imported, required and run. */
export function describeLoading(installed: Promise<User>): void {
  describe('it', () => {
    test('is the plugin itself, with all of its exports on it, when it is required', async () => {
      const printed = await (await installed).prints(
        'itself.cjs',
        `const lifecycle = require('fastify-lifecycle')
        const { default: asDefault, fastifyLifecycle, channels } = lifecycle
        console.log(typeof lifecycle, asDefault === lifecycle, fastifyLifecycle === lifecycle, channels.report.name)`
      )
      assert.equal(printed, 'function true true fastify-lifecycle:report')
    })

    test('is the same to those who import it and to those who require it, each value of each entry', async () => {
      const user = await installed
      const printed = await user.prints(
        'same.mjs',
        `import { createRequire } from 'node:module'
        const require = createRequire(import.meta.url)
        for (const name of ${JSON.stringify(user.entries)}) {
          const imported = await import(name)
          const required = require(name)
          for (const key of new Set([...Object.keys(imported), ...Object.keys(required)])) {
            console.log(name, key, typeof imported[key] !== 'undefined' && imported[key] === required[key])
          }
        }`
      )
      const lines = printed.split('\n')
      assert.deepEqual(
        lines.filter((line) => !line.endsWith(' true')),
        []
      )
      for (const entry of user.entries)
        assert.ok(
          lines.some((line) => line.startsWith(`${entry} `)),
          entry
        )
    })

    test('is one plugin to those who do both', async () => {
      const printed = await (await installed).prints(
        'both.mjs',
        `import { createRequire } from 'node:module'
        import Fastify from 'fastify'
        import imported from 'fastify-lifecycle'
        const required = createRequire(import.meta.url)('fastify-lifecycle')
        const app = Fastify()
        await app.register(imported, { signals: false })
        const error = await app.register(required, { signals: false }).then(() => undefined, (error) => error)
        console.log(imported === required, error?.code)`
      )
      assert.equal(printed, 'true FST_LIFECYCLE_ALREADY_REGISTERED')
    })

    test('has a command, where npm puts it', async () => {
      const user = await installed
      const command = join('node_modules/fastify-lifecycle', user.manifest.bin['fastify-lifecycle'] as string)
      await access(join(user.directory, 'node_modules/.bin/fastify-lifecycle'))
      const { stdout } = await user.node(command, 'deploy', '--for', 'pm2', '--deadline', '4000')
      assert.match(stdout, /"kill_timeout": 5000/)
    })

    for (const [kit, plugin] of [
      ['import', 'require'],
      ['require', 'import']
    ] as const) {
      test(`has a test kit to ${kit} that meets an app whose plugin came by ${plugin}`, async () => {
        const user = await installed
        const load = {
          import: (name: string) => `await import('${name}')`,
          require: (name: string) => `require('${name}')`
        }
        const printed = await user.prints(
          `testing-${kit}.mjs`,
          `import { createRequire } from 'node:module'
          import Fastify from 'fastify'
          const require = createRequire(import.meta.url)
          const { fastifyLifecycle } = ${load[plugin]('fastify-lifecycle')}
          const { fakeProcess } = ${load[kit]('fastify-lifecycle/testing')}
          const app = Fastify()
          await app.register(fastifyLifecycle)
          const { exitCode, report } = await fakeProcess(app).kill('SIGTERM')
          console.log(exitCode, report.reason.signal)`
        )
        assert.equal(printed, '0 SIGTERM')
      })
    }

    const wrong =
      'app.register(lifecycle, { deadline: -1 }).then(undefined, ({ stack }) => console.log(stack))'
    for (const [name, source] of [
      [
        'wrong.mjs',
        `import Fastify from 'fastify'\nimport lifecycle from 'fastify-lifecycle'\nconst app = Fastify()\n${wrong}`
      ],
      [
        'wrong.cjs',
        `const lifecycle = require('fastify-lifecycle')\nconst app = require('fastify')()\n${wrong}`
      ]
    ] as const) {
      test(`names its own functions in ${name}'s stack traces`, async () => {
        const user = await installed
        await user.write(name, source)
        const { stdout } = await user.node(name)
        const places = stdout.matchAll(/at (?:async )?([\w.]+) \(.*[\\/]dist[\\/]shared[\\/]lib\.cjs:(\d+)/g)
        const lines = (
          await readFile(join(user.directory, 'node_modules/fastify-lifecycle/dist/shared/lib.cjs'), 'utf8')
        ).split('\n')
        const [[, own = '', line = ''] = []] = [...places]
        assert.match(lines[Number(line) - 1] as string, /FST_LIFECYCLE_OPTION_INVALID/, stdout)
        assert.ok(own.length > 2, stdout)
      })
    }

    for (const [name, ...flags] of [['stuck.mjs'], ['stuck.cjs'], ['strict.cjs', '--use-strict']] as const) {
      test(`ends a process whose event loop is blocked, in ${[name, ...flags].join(' with ')}`, async () => {
        const user = await installed
        await user.write(name, stuck(name))
        await isKilled(user, ...flags, name)
      })
    }
  })
}

/** An app whose hook never returns. rollup leaves out a loop that does nothing. */
export function stuck(name: string): string {
  const start = `
    const app = Fastify()
    app.register(lifecycle, { deadline: 1_500 })
    app.ready().then(() => {
      app.onShutdown('stuck', () => { for (;;) process.uptime() })
      app.lifecycle.shutdown()
    })`
  return name.endsWith('.cjs')
    ? `const Fastify = require('fastify')\nconst lifecycle = require('fastify-lifecycle')\n${start}`
    : `import Fastify from 'fastify'\nimport lifecycle from 'fastify-lifecycle'\n${start}`
}

/** Runs such an app, and sees that the watchdog ends it and says why. */
export async function isKilled(user: User, ...given: readonly string[]): Promise<void> {
  let line = ''
  // The kill does not wait long for the line: a busy machine may not get to write it.
  for (let run = 0; run < 5 && line === ''; run++) {
    const { signal, stderr } = await user.node(...given)
    assert.equal(signal, 'SIGKILL', stderr)
    line = stderr
  }
  const { code, hooks } = JSON.parse(line)
  assert.deepEqual([code, hooks[0].name], ['LIFECYCLE_HARD_KILL', 'stuck'])
}
