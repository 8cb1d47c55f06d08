import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import type { User } from './user.ts'

const pages = ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md']

/** What is in it. */
export function describeContents(installed: Promise<User>): void {
  describe('its contents', () => {
    test('are the sources, what was compiled of them, and the documentation', async () => {
      const { packed, manifest } = await installed
      const folders = [...JSON.stringify(manifest.exports).matchAll(/"\.\/dist\/(?!cjs\/)(\w+)\//g)]
      const sources = ['lib', ...new Set(folders.map(([, folder]) => folder as string))]
      const top = [
        ...pages,
        'index.ts',
        'package.json',
        ...['dist', 'docs', ...sources].map((name) => `${name}/`)
      ]
      assert.deepEqual(
        [...new Set(packed.files.map(({ path }) => path.replace(/\/.*/, '/')))].sort(),
        top.sort()
      )

      const compiled = ['index', ...sources.map((name) => `${name}/`)]
      const [esModules, commonJS] = [/^dist\/(?!cjs\/)(index|\w+\/)/, /^dist\/cjs\/(index|\w+\/)/].map(
        (part) => packed.files.flatMap(({ path }) => part.exec(path)?.[1] ?? [])
      )
      assert.deepEqual([...new Set(esModules)].sort(), compiled.sort())
      assert.deepEqual([...new Set(commonJS)].sort(), compiled.sort())
    })

    test('have a source for each compiled file, and each source twice compiled, but for the command', async () => {
      const paths = new Set((await installed).packed.files.map(({ path }) => path))
      const written = ['dist/cjs/plugin.js', 'dist/cjs/plugin.d.ts', 'dist/cjs/package.json']
      const compiled = [...paths].filter((path) => path.startsWith('dist/') && !written.includes(path))
      assert.ok(compiled.length > 300)
      for (const path of compiled) {
        const source = path.replace(/^dist\/(cjs\/)?/, '').replace(/(\.js|\.js\.map|\.d\.ts)$/, '.ts')
        assert.ok(paths.has(source), `${path} comes from ${source}`)
      }
      const command = ['dist/cjs/deployment/bin.js', 'dist/cjs/deployment/cli.js']
      const shipped = [...paths].filter((path) => /^[^.]+\.ts$/.test(path))
      const expected = shipped.flatMap((source) => {
        const name = source.replace(/\.ts$/, '.js')
        return [`dist/${name}`, `dist/cjs/${name}`]
      })
      const missing = expected.filter((path) => !paths.has(path))
      assert.deepEqual(missing.sort(), command)
    })

    test('are small: 420 kB to download, 2.1 MB on the disk', async () => {
      const { packed } = await installed
      assert.ok(packed.size < 420_000, `${packed.size} bytes`)
      assert.ok(packed.unpackedSize < 2_100_000, `${packed.unpackedSize} bytes`)
    })

    test('have nothing that publint would warn of', async () => {
      const pkgDir = join((await installed).directory, 'node_modules/fastify-lifecycle')
      const { messages, pkg } = await publint({ pkgDir, strict: true, pack: false })
      assert.deepEqual(
        messages.map((message) => formatMessage(message, pkg as never)),
        []
      )
    })

    test('have types that say what is there, however they are resolved', async () => {
      const { directory, packed, entries } = await installed
      const tarball = await readFile(join(directory, packed.filename))
      const analysis = await checkPackage(createPackageFromTarballData(tarball))
      assert.ok(analysis.types !== false)
      assert.deepEqual(analysis.problems, [])
      assert.equal(Object.keys(analysis.entrypoints).length, entries.length + 1)
    })
  })
}
