import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { build } from 'esbuild'
import { stuck } from './loading.ts'
import type { User } from './user.ts'

const ways = [{}, { minify: true }, { keepNames: true }, { minify: true, keepNames: true }]

/** That it can be made part of one file. */
export function describeBundles(installed: Promise<User>): void {
  describe('a bundle that it is in', { concurrency: 2 }, () => {
    for (const name of ['bundled.mjs', 'bundled.cjs']) {
      for (const way of ways) {
        test(`still has the watchdog's thread: ${name}, esbuild with ${JSON.stringify(way)}`, async () => {
          const user = await installed
          await user.write(name, stuck(name))
          const outfile = join(user.directory, `${Object.keys(way).join('-')}.${name}.cjs`)
          const entryPoints = [join(user.directory, name)]
          await build({ entryPoints, outfile, bundle: true, platform: 'node', logLevel: 'error', ...way })
          const { signal, stderr } = await user.node(outfile)
          assert.equal(signal, 'SIGKILL', stderr)
          const line = JSON.parse(stderr)
          assert.deepEqual([line.code, line.hooks[0].name], ['LIFECYCLE_HARD_KILL', 'stuck'])
        })
      }
    }
  })
}
