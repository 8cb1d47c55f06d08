import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import commonjsPlugin from '@rollup/plugin-commonjs'
import jsonPlugin from '@rollup/plugin-json'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import { transform } from '@swc/core'
import * as esbuild from 'esbuild'
import { rollup } from 'rollup'
import { threadText } from '../../lib/watchdog/thread-text.ts'
import { isKilled, stuck } from './loading.ts'
import type { User } from './user.ts'

type Bundler = (entry: string, outfile: string) => Promise<unknown>

// Their types say CommonJS, where a default import would be the whole module.
const commonjs = commonjsPlugin as unknown as typeof commonjsPlugin.default
const json = jsonPlugin as unknown as typeof jsonPlugin.default

const targets = ['es2019', 'es2020', 'es2021', 'es2022'] as const

const byESBuild =
  (options: esbuild.BuildOptions): Bundler =>
  (entry, outfile) =>
    esbuild.build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: 'node',
      logLevel: 'error',
      // Not the file of the user's folder, which other tests write at the same time.
      tsconfigRaw: {},
      // Of its dependencies, Fastify is the largest, and has no thread.
      external: ['fastify'],
      ...options
    })

const byRollup: Bundler = async (input, file) => {
  const bundle = await rollup({
    input,
    external: ['fastify'],
    plugins: [nodeResolve({ preferBuiltins: true }), commonjs(), json()],
    logLevel: 'silent'
  })
  await bundle.write({ file, format: 'cjs', inlineDynamicImports: true })
}

/** What a bundler made, compiled and perhaps minified by SWC, which has helpers for classes. */
const bySWC =
  (target: (typeof targets)[number], minify: boolean): Bundler =>
  async (entry, outfile) => {
    await byRollup(entry, outfile)
    const { code } = await transform(await readFile(outfile, 'utf8'), {
      jsc: { target, minify: { compress: minify, mangle: minify } },
      minify,
      isModule: false
    })
    await writeFile(outfile, code)
  }

// esbuild's ES modules have no `require`, which packages that are CommonJS need, Fastify among them.
const banner = {
  js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)"
}

const bundlers: Readonly<Record<string, Bundler>> = {
  ...Object.fromEntries(
    targets.flatMap((target) => [
      [`esbuild for ${target}`, byESBuild({ target })],
      [`esbuild for ${target}, minified`, byESBuild({ target, minify: true })],
      [`SWC for ${target}`, bySWC(target, false)]
    ])
  ),
  'SWC for es2019, minified': bySWC('es2019', true),
  'esbuild, names kept': byESBuild({ keepNames: true }),
  'esbuild, names kept, minified': byESBuild({ keepNames: true, minify: true }),
  'esbuild, as an ES module': byESBuild({ format: 'esm', outExtension: { '.js': '.mjs' }, banner }),
  'esbuild, with Fastify': byESBuild({ external: [] }),
  rollup: byRollup
}

const entries = ['bundled.mjs', 'bundled.cjs']

/** Prints the thread's text where the program makes a thread, and ends. */
const instead = `
  const threads = require('node:worker_threads')
  threads.Worker = class {
    constructor(text) {
      require('node:fs').writeSync(1, text)
      process.exit()
    }
  }
  require('node:module').syncBuiltinESMExports()
`

/** That it can be made part of one file. */
export function describeBundles(installed: Promise<User>): void {
  describe('a bundle that it is in', { concurrency: 2 }, () => {
    let user: User
    // Once, before any bundler or program reads them.
    before(async () => {
      user = await installed
      await user.write('instead.cjs', instead)
      for (const entry of [...entries, 'killed.mjs']) await user.write(entry, stuck(entry))
    })

    for (const [name, bundle] of Object.entries(bundlers)) {
      for (const entry of entries) {
        test(`has the very text of the watchdog's thread: ${entry}, ${name}`, async () => {
          const outfile = await bundled(user, entry, name, bundle)
          const { stdout } = await user.node('-r', './instead.cjs', outfile)
          assert.equal(stdout, threadText)
        })
      }
    }

    // Each kind once: where the text is the same, so is the thread.
    for (const [name, ...flags] of [
      ['esbuild for es2019, minified', '--use-strict'],
      ['SWC for es2019, minified'],
      ['rollup']
    ] as const) {
      test(`has a watchdog that kills: ${[name, ...flags].join(', ')}`, async () => {
        const outfile = await bundled(user, 'killed.mjs', name, bundlers[name] as Bundler)
        await isKilled(user, ...flags, outfile)
      })
    }
  })
}

async function bundled(user: User, entry: string, name: string, bundle: Bundler): Promise<string> {
  const extension = name.includes('ES module') ? 'mjs' : 'cjs'
  const outfile = join(user.directory, `${name.replaceAll(/\W+/g, '-')}.${entry}.${extension}`)
  await bundle(join(user.directory, entry), outfile)
  return outfile
}
