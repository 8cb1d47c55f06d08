import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { Session } from 'node:inspector'
import { SourceMap } from 'node:module'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Call, frameOf, MainStack } from '../../../lib/watchdog/main-stack.ts'
import { SourceMaps } from '../../../lib/watchdog/source-maps.ts'
import { writeAll } from '../../../lib/watchdog/write-all.ts'

/** A session that pauses in each of the given places, one after another. */
class FakeSession extends EventEmitter {
  readonly posted: string[] = []
  readonly #pauses: object[][]

  constructor(pauses: object[][]) {
    super()
    this.#pauses = pauses
  }

  connectToMainThread(): void {
    this.posted.push('connect')
  }

  post(method: string): void {
    this.posted.push(method)
    if (method === 'Debugger.enable') {
      this.#parsed('1', 'file:///app.js', 'app.js.map')
      this.#parsed('2', 'node:internal/timers', '')
    }
    if (method === 'Debugger.resume') this.emit('Debugger.resumed')
    if (method === 'Debugger.pause') {
      this.emit('Debugger.paused', { params: { callFrames: this.#pauses.shift() } })
    }
  }

  #parsed(scriptId: string, url: string, sourceMapURL: string): void {
    this.emit('Debugger.scriptParsed', { params: { scriptId, url, sourceMapURL } })
  }
}

const callFrame = (functionName: string, scriptId: string, columnNumber?: number) => ({
  functionName,
  location: { scriptId, lineNumber: 4, columnNumber }
})

const stackOf = (session: FakeSession) => new MainStack(session as unknown as Session)

describe("the main thread's stack", () => {
  test('is read once it is paused, and made ready once only', async () => {
    const session = new FakeSession([[callFrame('spin', '1', 2), callFrame('', '9')]])
    const stack = stackOf(session)
    stack.attach()
    const calls = await stack.read(() => {})
    assert.deepEqual(calls, [
      { function: 'spin', place: { url: 'file:///app.js', line: 4, column: 2, sourceMapURL: 'app.js.map' } },
      { function: '(anonymous)', place: { url: '', line: 4, column: 0, sourceMapURL: '' } }
    ])
    assert.deepEqual(session.posted, ['connect', 'Debugger.enable', 'Debugger.pause'])
  })

  test('is looked at again where only Node.js is on it', async () => {
    const session = new FakeSession([[callFrame('runMicrotask', '2')], [callFrame('spin', '1')]])
    const found: (string | undefined)[] = []
    await stackOf(session).read(([call]) => found.push(call?.function))
    assert.deepEqual(found, ['runMicrotask', 'spin'])
    assert.deepEqual(session.posted.slice(-2), ['Debugger.resume', 'Debugger.pause'])
  })

  test('is shown with paths, and counted from 1', () => {
    const place = { url: 'file:///app.js', line: 4, column: 2, sourceMapURL: '' }
    assert.deepEqual(frameOf({ function: 'spin', place }, fileURLToPath), {
      function: 'spin',
      file: fileURLToPath('file:///app.js'),
      line: 5,
      column: 3
    })
    const inside = { function: 'spin', place: { ...place, url: 'node:fs' } }
    assert.equal(frameOf(inside, fileURLToPath).file, 'node:fs')
  })
})

describe('source maps', () => {
  // Line 0, column 0 of what runs is line 1, column 0 of app.ts.
  const map = { version: 3, sources: ['../src/app.ts'], names: [], mappings: 'AACA', file: 'app.js' }
  const json = JSON.stringify(map)
  const base64 = Buffer.from(json).toString('base64')

  const mapped = async (sourceMapURL: string, content = json, url = 'file:///dist/app.js') => {
    const read: string[] = []
    const maps = new SourceMaps({
      SourceMap,
      URL,
      async readFile(address) {
        read.push(address.href)
        return Buffer.from(content)
      }
    })
    const call: Call = { function: 'f', place: { url, line: 0, column: 0, sourceMapURL } }
    const [first, second] = await maps.mapAll([call, call])
    assert.deepEqual(first, second)
    return { place: (first as Call).place, read }
  }

  for (const [what, url, files] of [
    ['in a file, read once', 'app.js.map', ['file:///dist/app.js.map']],
    ['inline', `data:application/json;base64,${base64}`, []],
    ['inline and not encoded', `data:application/json,${encodeURIComponent(json)}`, []]
  ] as const) {
    test(`${what}, lead to the source`, async () => {
      const { place, read } = await mapped(url)
      assert.deepEqual([place.url, place.line, place.column], ['file:///src/app.ts', 1, 0])
      assert.deepEqual(read, files)
    })
  }

  for (const [what, ...given] of [
    ['there is none', ''],
    ['it is broken', 'app.js.map', '{'],
    ['it has no entry', 'app.js.map', JSON.stringify({ ...map, mappings: '' })],
    ['it is so large that reading it takes too long', 'app.js.map', ' '.repeat(4_000_001)],
    ['its address is none', 'app.js.map', json, 'nowhere'],
    ['it is inline, without content', 'data:application/json']
  ] as const) {
    test(`change nothing where ${what}`, async () => {
      assert.equal((await mapped(...(given as unknown as [string]))).place.line, 0)
    })
  }

  test('change nothing where they lead nowhere', async () => {
    const { place } = await mapped('app.js.map', JSON.stringify({ ...map, sources: ['http://['] }))
    assert.equal(place.url, 'file:///dist/app.js')
  })
})

describe('what is written at the end', () => {
  const writeTo = async (answers: [error: string | null, written: number][]) => {
    const asked: string[] = []
    await writeAll(2, 'a line', {
      after: (_, callback) => callback(),
      write(descriptor, bytes, offset, length, _, done) {
        asked.push(bytes.toString('utf8', offset, offset + length))
        assert.equal(descriptor, 2)
        const [code, written] = answers.shift() as [string | null, number]
        done(code === null ? null : Object.assign(new Error(code), { code }), written)
      }
    })
    return asked
  }

  test('is written to its end', async () => {
    assert.deepEqual(
      await writeTo([
        [null, 2],
        [null, 4]
      ]),
      ['a line', 'line']
    )
  })

  test('waits for a pipe that is full', async () => {
    assert.deepEqual(
      await writeTo([
        ['EAGAIN', 0],
        [null, 6]
      ]),
      ['a line', 'a line']
    )
  })

  test('is left where nobody reads', async () => {
    assert.deepEqual(await writeTo([['EPIPE', 0]]), ['a line'])
  })
})
