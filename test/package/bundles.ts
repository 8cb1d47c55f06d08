import { join } from 'node:path'
import { describe, test } from 'node:test'
import { build } from 'esbuild'
import { isKilled, stuck } from './loading.ts'
import type { User } from './user.ts'

const ways = {
  'bundled.mjs': [{}, { minify: true }, { keepNames: true }, { minify: true, keepNames: true }],
  'bundled.cjs': [{}, { minify: true, keepNames: true }]
}

/** That it can be made part of one file. */
export function describeBundles(installed: Promise<User>): void {
  describe('a bundle that it is in', { concurrency: 2 }, () => {
    for (const [name, each] of Object.entries(ways)) {
      for (const way of each) {
        test(`still has the watchdog's thread: ${name}, esbuild with ${JSON.stringify(way)}`, async () => {
          const user = await installed
          await user.write(name, stuck(name))
          const outfile = join(user.directory, `${Object.keys(way).join('-')}.${name}.cjs`)
          const entryPoints = [join(user.directory, name)]
          await build({ entryPoints, outfile, bundle: true, platform: 'node', logLevel: 'error', ...way })
          await isKilled(user, outfile)
        })
      }
    }
  })
}
