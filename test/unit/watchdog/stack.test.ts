import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { Session } from 'node:inspector'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Call, frameOf, MainStack } from '../../../lib/watchdog/main-stack.ts'
import { SourceMaps } from '../../../lib/watchdog/source-maps.ts'

/** A session that pauses in each of the given places, one after another. */
class FakeSession extends EventEmitter {
  readonly posted: string[] = []
  readonly #pauses: object[][]
  readonly #sourceMapURL: string

  constructor(pauses: object[][], sourceMapURL = 'app.js.map') {
    super()
    this.#pauses = pauses
    this.#sourceMapURL = sourceMapURL
  }

  connectToMainThread(): void {
    this.posted.push('connect')
  }

  post(method: string): void {
    this.posted.push(method)
    if (method === 'Debugger.enable') {
      this.#parsed('1', 'file:///app.js', this.#sourceMapURL)
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

  test('has no source map where that would be too large', async () => {
    const session = new FakeSession([[callFrame('spin', '1')]], `data:${'x'.repeat(2_700_000)}`)
    const [call] = await stackOf(session).read(() => {})
    assert.equal(call?.place.sourceMapURL, '')
  })

  test('has twenty calls at most', async () => {
    const session = new FakeSession([Array.from({ length: 60 }, () => callFrame('recurse', '1'))])
    assert.equal((await stackOf(session).read(() => {})).length, 20)
  })

  test('is shown with paths, and counted from 1', () => {
    const place = { url: 'file:///app.js', line: 4, column: 2, sourceMapURL: '' }
    assert.deepEqual(frameOf({ function: 'spin', place }), {
      function: 'spin',
      file: fileURLToPath('file:///app.js'),
      line: 5,
      column: 3
    })
    const inside = { function: 'spin', place: { ...place, url: 'node:fs' } }
    assert.equal(frameOf(inside).file, 'node:fs')
  })
})

describe('source maps', () => {
  // Line 0, column 0 of what runs is line 1, column 0 of app.ts.
  const map = { version: 3, sources: ['../src/app.ts'], names: [], mappings: 'AACA', file: 'app.js' }
  const json = JSON.stringify(map)
  const base64 = Buffer.from(json).toString('base64')

  const mapped = async (
    sourceMapURL: string,
    content = json,
    url = 'file:///dist/app.js',
    clock: number[] = []
  ) => {
    const read: string[] = []
    const maps = new SourceMaps(
      async (address) => {
        read.push(address.href)
        return Buffer.from(content)
      },
      () => clock.shift() ?? 0
    )
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
    ['it is so large that reading it takes too long', 'app.js.map', ' '.repeat(2_000_001)],
    ['it has so many entries', 'app.js.map', JSON.stringify({ ...map, mappings: 'A'.repeat(500_001) })],
    ['others have taken too long', 'app.js.map', json, 'file:///dist/app.js', [0, 61]],
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
