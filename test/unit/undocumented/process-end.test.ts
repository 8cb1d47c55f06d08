import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { describe, test } from 'node:test'
import {
  type EndingProcess,
  isExiting,
  replaceProcess,
  replaceReallyExit
} from '../../../lib/undocumented/process-end.ts'

class FakeProcess extends EventEmitter {
  execPath: string = process.execPath
  readonly did: unknown[] = []
  reallyExit?: (code: number) => void = (code) => this.did.push(['exit', code])
  chdir = (directory: string) => void this.did.push(directory)
  execve?: (file: string, args: readonly string[], env: object) => void = (...given) =>
    void this.did.push(given)
}

const fake = (more: object = {}) => {
  const target = Object.assign(new FakeProcess(), more)
  return { target: target as EndingProcess, did: target.did }
}

describe('what process.exit() calls last', () => {
  test('is replaced, and put back', () => {
    const { target, did } = fake()
    const { reallyExit } = target
    const giveBack = replaceReallyExit(target, (code, really) => really(Number(code) + 1))
    target.reallyExit?.(3)
    assert.deepEqual(did, [['exit', 4]])
    giveBack()
    assert.equal(target.reallyExit, reallyExit)
  })

  test('is left to a later replacement', () => {
    const { target } = fake()
    const giveBack = replaceReallyExit(target, () => {})
    const another = () => {}
    target.reallyExit = another
    giveBack()
    assert.equal(target.reallyExit, another)
  })

  test('may not be there', () => {
    const { target } = fake({ reallyExit: undefined })
    replaceReallyExit(target, assert.fail)()
    assert.equal(target.reallyExit, undefined)
  })

  test('exists in this Node.js, and the process says whether it is exiting', () => {
    assert.equal(typeof (process as unknown as EndingProcess).reallyExit, 'function')
    assert.equal(isExiting(process as unknown as EndingProcess), false)
    assert.equal(isExiting(fake({ _exiting: true }).target), true)
  })
})

describe('a process is replaced', () => {
  const replace = (more: object, code = 3, shell = '/bin/sh') => {
    const { target, did } = fake(more)
    replaceProcess(target, code, () => did.push('before'), shell)
    return did
  }

  test('by a shell that exits with its code', { skip: process.platform === 'win32' }, () => {
    const shell = ['/bin/sh', ['/bin/sh', '-c', 'exit 3'], {}]
    assert.deepEqual(replace({}), ['/', 'before', shell])
  })

  test('by another Node.js where there is no shell', () => {
    const { execPath } = process
    const expected = [execPath, [execPath, '-e', 'process.exit(255)'], {}]
    assert.deepEqual(replace({}, -1, '/nowhere/sh').at(-1), expected)
  })

  test('by nothing where that is not possible, or not allowed', () => {
    assert.deepEqual(replace({ execve: undefined }), [])
    assert.deepEqual(replace({ permission: { has: (scope: string) => scope !== 'child' } }), [])
    assert.deepEqual(replace({ execPath: '/nowhere/node' }, 3, '/nowhere/sh'), [])
    assert.equal(replace({ permission: { has: () => true } }).length, 3)
  })

  test('by nothing where the system refuses', () => {
    const execve = () => {
      throw new Error('EBADF')
    }
    assert.deepEqual(replace({ execve }), ['/', 'before'])
  })
})
