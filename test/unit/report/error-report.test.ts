import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { errorReportOf, textOf } from '../../../lib/report/error-report.ts'

const unreadable = 'what was thrown throws when it is looked at'

/** An object on which this property throws when it is looked at. */
function throwing<T extends object>(on: T, key: string): T {
  return Object.defineProperty(on, key, {
    get() {
      throw new Error('looked at')
    }
  })
}

test('what was thrown is reported as deep as asked for', () => {
  const thrown = { in: { in: { in: 'deep' } } }
  assert.doesNotMatch(textOf(thrown), /deep/)
  assert.match(textOf(thrown, 2), /deep/)
})

test('of an error that cannot be read in part the rest is reported', () => {
  const coded = (key: string) => throwing(Object.assign(new Error('full'), { code: 'DISK_FULL' }), key)
  assert.deepEqual(Object.keys(errorReportOf(coded('none'))), ['name', 'message', 'code', 'stack'])
  assert.deepEqual(Object.keys(errorReportOf(coded('stack'))), ['name', 'message', 'code'])
  assert.deepEqual(Object.keys(errorReportOf(coded('code'))), ['name', 'message', 'stack'])
  assert.equal(errorReportOf(coded('message')).message, unreadable)
  assert.equal(errorReportOf(coded('name')).name, unreadable)
  assert.equal(errorReportOf(coded('name')).message, 'full')
})

test('a value that cannot be read is reported as such', () => {
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
  assert.equal(errorReportOf(opaque).name, 'NotAnError')
  const plain = {
    get secret(): string {
      throw new Error('looked at')
    }
  }
  assert.deepEqual(errorReportOf(plain), { name: 'NotAnError', message: unreadable })
})

test('no code of what was thrown runs to show it', () => {
  let ran = false
  const inspected = {
    [Symbol.for('nodejs.util.inspect.custom')]() {
      ran = true
    }
  }
  assert.deepEqual([errorReportOf(inspected).message, ran], ['{}', false])
})

test('of an object of a class only the class is reported: it may be a request', () => {
  class Request {
    readonly headers = { authorization: 'secret' }
  }
  assert.equal(textOf(new Request()), '[Request]')
  assert.equal(
    textOf({ request: new Request(), list: [new Request(), [1]] }),
    '{ request: [Request], list: [ [Request], [Array] ] }'
  )
  assert.equal(textOf([new Map([['secret', 1]]), null, 5]), '[ [Map], null, 5 ]')
})

test('however long the parts of an error are, its report is short', () => {
  const long = '\u0000é😀\ud800"'.repeat(100_000)
  const error = Object.assign(new Error(long), { code: long, name: long, stack: long })
  const report = errorReportOf(error)
  assert.deepEqual(
    Object.values(report).map(
      (text) => Buffer.byteLength(JSON.stringify(text)) - 2 <= 4_000 && text.endsWith('…')
    ),
    [true, true, true, true]
  )
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`key${index}`, long]))
  assert.ok(Buffer.byteLength(errorReportOf(many).message) <= 1_000)
  assert.match(textOf(Array.from({ length: 1_000 }, (_, index) => index)), /18, 19$|19$|19 \]|19\n\]$/)
})

test('an error of another realm is one', () => {
  const foreign: unknown = runInNewContext("new TypeError('from there')")
  assert.deepEqual([foreign instanceof Error, errorReportOf(foreign).name], [false, 'TypeError'])
})
