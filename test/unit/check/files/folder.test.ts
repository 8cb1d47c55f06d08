import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, type TestContext, test } from 'node:test'
import { collect } from '../../../../check/files/collect.ts'
import { folderOf, readText } from '../../../../check/files/folder.ts'

/** A folder with these files. */
function folderWith(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'fastify-lifecycle-check-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

describe('what a file names', () => {
  test('is read from its folder or below it, as text without a byte order mark', (t) => {
    const folder = folderWith(t, {
      Dockerfile: '',
      'start.sh': '\uFEFFexec node server.js',
      'bin/run': 'run'
    })
    const { textOf } = folderOf(join(folder, 'Dockerfile'), readText)
    assert.deepEqual([textOf('start.sh'), textOf('./bin/../bin/run')], ['exec node server.js', 'run'])
  })

  test('is not read where it is too long for a script, is no file, or is not there', (t) => {
    const folder = folderWith(t, { Dockerfile: '', long: 'x'.repeat(256 * 1_024 + 1), 'bin/run': '' })
    const { textOf } = folderOf(join(folder, 'Dockerfile'), readText)
    assert.deepEqual([textOf('long'), textOf('bin'), textOf('nothing')], [undefined, undefined, undefined])
  })

  test('is not read above its folder, by an absolute path, or beside the standard input', () => {
    const read = () => assert.fail('read')
    const { textOf } = folderOf('/app/Dockerfile', read)
    for (const path of ['', '../secret', 'bin/../../secret', '/etc/passwd'])
      assert.equal(textOf(path), undefined)
    assert.equal(folderOf('-', read).textOf('start.sh'), undefined)
  })

  test('may be a script of the package.json, if that is one', () => {
    const scriptsOf = (text: string | undefined) => folderOf('Dockerfile', () => text).scriptNamed('start')
    assert.equal(scriptsOf('{ "scripts": { "start": "node ." } }'), 'node .')
    for (const text of [undefined, '{', '{}', '{ "scripts": { "start": 1 } }', '{ "scripts": {} }']) {
      assert.equal(scriptsOf(text), undefined, text)
    }
  })
})

describe('the files that are named', () => {
  const nothing = new PassThrough().end()

  test('are read, and those of a folder whose names say that they may matter', async (t) => {
    const folder = folderWith(t, {
      'b/Dockerfile': 'FROM node',
      'a/compose.yaml': 'services: {}',
      'a/picture.png': '',
      'node_modules/x/Dockerfile': 'FROM other',
      '.devcontainer/Dockerfile': 'FROM other'
    })
    const { sources, unread } = await collect([folder], nothing)
    assert.deepEqual(unread, [])
    assert.deepEqual(
      sources.map(({ name, isNamed }) => [name.slice(folder.length + 1), isNamed]),
      [
        ['a/compose.yaml', false],
        ['b/Dockerfile', false]
      ]
    )
  })

  test('may be the standard input, and must be there', async () => {
    const stdin = new PassThrough().end('kind: Pod')
    const { sources } = await collect(['-'], stdin)
    assert.deepEqual(sources, [{ name: '-', text: 'kind: Pod', isNamed: true }])
    await assert.rejects(collect(['/nowhere/at/all'], nothing), /There is no file or folder/)
  })

  test('are not looked for in a folder that has more than anybody deploys', async (t) => {
    const folder = folderWith(t, {})
    for (let number = 0; number <= 20_000; number++) writeFileSync(join(folder, `${number}`), '')
    await assert.rejects(collect([folder], nothing), /has more than 20000 files: name a smaller folder/)
  })

  test('are named with the reason where they cannot be read', async (t) => {
    const folder = folderWith(t, { 'large.yaml': 'x'.repeat(8 * 1_024 * 1_024 + 1) })
    const { sources, unread } = await collect([join(folder, 'large.yaml')], nothing)
    assert.deepEqual(sources, [])
    assert.deepEqual(unread, [{ name: join(folder, 'large.yaml'), reason: 'it has more than 8 MB' }])
  })
})
