import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { SocketFile } from '../../../lib/connections/socket-file.ts'
import { cleanup } from '../../support/cleanup.ts'

function place(t: TestContext): { folder: string; path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'socket-file-'))
  cleanup(t, () => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'a')
  writeFileSync(path, 'first')
  return { folder, path }
}

/** As another process does. */
function replace(path: string): void {
  rmSync(path)
  writeFileSync(path, 'second')
}

const content = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)

test('a file that is still the same is removed, also when its mode has changed', (t) => {
  const { path } = place(t)
  const file = new SocketFile(path)
  chmodSync(path, 0o600)
  file.remove()
  file.remove()
  assert.equal(content(path), undefined)
})

test('a file that somebody has put there since is not removed', (t) => {
  const { path } = place(t)
  const file = new SocketFile(path)
  replace(path)
  file.remove()
  assert.equal(content(path), 'second')
})

test('a name that had no file at first is left alone', (t) => {
  const { folder } = place(t)
  const path = join(folder, 'b')
  const file = new SocketFile(path)
  writeFileSync(path, 'later')
  file.remove()
  assert.equal(content(path), 'later')
})

test('closing removes a file that is still the same', (t) => {
  const { folder, path } = place(t)
  new SocketFile(path).close(() => rmSync(path))
  assert.deepEqual(readdirSync(folder), [])
})

test('closing keeps what somebody has put there since', (t) => {
  const { folder, path } = place(t)
  const file = new SocketFile(path)
  replace(path)
  file.close(() => rmSync(path))
  assert.equal(content(path), 'second')
  assert.deepEqual(readdirSync(folder), ['a'])
})

test('closing leaves one file where nothing was removed', (t) => {
  const { folder, path } = place(t)
  const file = new SocketFile(path)
  replace(path)
  file.close(() => {})
  assert.equal(content(path), 'second')
  assert.deepEqual(readdirSync(folder), ['a'])
})

test('closing happens also where nothing can be kept', (t) => {
  const { folder, path } = place(t)
  const file = new SocketFile(path)
  replace(path)
  writeFileSync(`${path}.${process.pid}`, 'in the way')
  let isClosed = false
  file.close(() => {
    isClosed = true
  })
  assert.ok(isClosed)
  assert.equal(readdirSync(folder).length, 2)
})
