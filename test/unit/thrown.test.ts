import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorReportOf, textOf } from '../../lib/thrown.ts'

const unreadable = 'what was thrown throws when it is looked at'

/** An object on which this property throws when it is looked at. */
function throwing<T extends object>(on: T, key: string): T {
  return Object.defineProperty(on, key, {
    get() {
      throw new Error('looked at')
    }
  })
}

test('what was thrown is told as deep as one asks', () => {
  const thrown = { in: { in: { in: 'deep' } } }
  assert.doesNotMatch(textOf(thrown), /deep/)
  assert.match(textOf(thrown, 2), /deep/)
})

test('of an error that cannot be read in part the rest is told', () => {
  const coded = (key: string) => throwing(Object.assign(new Error('full'), { code: 'DISK_FULL' }), key)
  assert.deepEqual(Object.keys(errorReportOf(coded('none'))), ['name', 'message', 'code', 'stack'])
  assert.deepEqual(Object.keys(errorReportOf(coded('stack'))), ['name', 'message', 'code'])
  assert.deepEqual(Object.keys(errorReportOf(coded('code'))), ['name', 'message', 'stack'])
  assert.equal(errorReportOf(coded('message')).message, unreadable)
  assert.equal(errorReportOf(coded('name')).name, unreadable)
  assert.equal(errorReportOf(coded('name')).message, 'full')
})

test('what cannot be looked at at all is told so', () => {
  const opaque = new Proxy(
    {},
    {
      get() {
        throw new Error('looked at')
      },
      getPrototypeOf() {
        throw new Error('looked at')
      }
    }
  )
  const inspected = {
    [Symbol.for('nodejs.util.inspect.custom')]() {
      throw new Error('looked at')
    }
  }
  assert.equal(errorReportOf(opaque).name, 'NotAnError')
  assert.deepEqual(errorReportOf(inspected), { name: 'NotAnError', message: unreadable })
})
