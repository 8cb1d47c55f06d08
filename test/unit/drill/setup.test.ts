import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, test } from 'node:test'
import type { ResponseHead } from '../../../drill/clients/response-parser.ts'
import { endedUnderLoad } from '../../../drill/failure.ts'
import { freePort } from '../../../drill/free-port.ts'
import { nameOfTarget } from '../../../drill/setup.ts'
import { Tally } from '../../../drill/tally.ts'
import { command } from '../../support/command.ts'

describe('the place of an app', () => {
  test('is named as a URL, or as its path', () => {
    const names = [
      { host: '::1', port: 3_000, isSecure: false },
      { host: 'a.test', port: 443, isSecure: true },
      { socketPath: '/run/a.sock', isSecure: false }
    ].map(nameOfTarget)
    assert.deepEqual(names, ['http://[::1]:3000', 'https://a.test:443', '/run/a.sock'])
  })
})

describe('a free port', () => {
  test('is another one where somebody listens already', async (t) => {
    const port = await freePort()
    const server = createServer().listen(port, '0.0.0.0')
    await once(server, 'listening')
    t.after(() => server.close())
    const share = (number: number) => (number - 10_000 + 0.5) / 20_000
    const random = t.mock.method(Math, 'random', () => share(port), { times: 1 })
    const other = await freePort()
    assert.equal((server.address() as AddressInfo).port, port)
    assert.notEqual(other, port)
    assert.ok(random.mock.callCount() >= 1)
  })
})

describe('an app that ends under load', () => {
  test('is said to have ended with a code, by a signal, or by itself', () => {
    const ends = [
      { code: 3, signal: null, at: 0 },
      { code: null, signal: 'SIGSEGV', at: 0 },
      { code: null, signal: null, at: 0 }
    ] as const
    const words = ends.map((exit) => endedUnderLoad(exit, '  bye').message.split('\n'))
    assert.deepEqual(
      words.map(([first]) => first),
      ['with code 3', 'by SIGSEGV', 'by itself'].map(
        (end) => `The app ended ${end} under load, before the signal. Its last lines:`
      )
    )
    assert.equal(words[0]?.[1], '  bye')
  })
})

describe('on Windows', () => {
  test('a drill says that it needs signals', async (t) => {
    const { platform } = process
    t.after(() => Object.defineProperty(process, 'platform', { value: platform }))
    Object.defineProperty(process, 'platform', { value: 'win32' })
    const { stderr, exitCode } = await command(['drill', '--', 'node', 'server.js'])
    assert.match(stderr, /The drill needs signals, which Windows does not have\./)
    assert.equal(exitCode, 2)
  })
})

describe('a response', () => {
  const tallied = (status: number, headers: Record<string, string>) => {
    const tally = new Tally()
    const head = { status, headers, isLast: true } as ResponseHead
    tally.add('fresh', 0, 'GET /', 0, { kind: 'answered', head, received: 0 })
    return Object.entries(tally.counts.before).find(([, count]) => count === 1)?.[0]
  }
  test('with 503, or with 429 and Retry-After, tells its client to come back', () => {
    assert.equal(tallied(503, {}), 'toldToComeBack')
    assert.equal(tallied(429, { 'retry-after': '1' }), 'toldToComeBack')
    assert.equal(tallied(429, {}), 'answered')
  })

  test('that is no HTTP has failed', () => {
    const tally = new Tally()
    tally.add('fresh', 0, 'GET /', 0, { kind: 'not-http' })
    assert.equal(tally.counts.before.failed, 1)
  })
})
