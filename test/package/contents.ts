import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import type { User } from './user.ts'

const pages = ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md']

/** What several entries need, one file for each folder of the sources. */
const shared = ['deployment', 'lib', 'platforms', 'report'].map((name) => `shared/${name}`)

/** The command, and its parts that are loaded when they are asked for. */
const commandCode = ['bin', 'shared/check', 'shared/command', 'shared/deploy', 'shared/drill']

/** What is in it. */
export function describeContents(installed: Promise<User>): void {
  describe('its contents', () => {
    test('are, for each entry, a CommonJS file, an ES module and the types of both', async () => {
      const { packed, entries } = await installed
      const names = entries.map((name) => name.replace(/^fastify-lifecycle\/?/, '') || 'index')
      const forms = ['.cjs', '.js', '.d.cts', '.d.ts']
      const code = shared.map((name) => `${name}.cjs`)
      const command = commandCode.map((name) => `${name}.cjs`)
      const files = [...names.flatMap((name) => forms.map((form) => `${name}${form}`)), ...code, ...command]
      const expected = [...pages, 'package.json', ...files.map((file) => `dist/${file}`)]
      assert.deepEqual(packed.files.map(({ path }) => path).sort(), expected.sort())
    })

    test('are at most 100 files, 280 kB to download and 1.0 MB on the disk', async () => {
      const { packed } = await installed
      assert.ok(packed.files.length <= 100, `${packed.files.length} files`)
      assert.ok(packed.size < 280_000, `${packed.size} bytes`)
      assert.ok(packed.unpackedSize < 1_000_000, `${packed.unpackedSize} bytes`)
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
