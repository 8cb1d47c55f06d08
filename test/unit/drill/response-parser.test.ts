import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { ResponseParser } from '../../../drill/clients/response-parser.ts'

function read(text: string, method = 'GET', sizes: readonly number[] = [text.length]): ResponseParser {
  const parser = new ResponseParser(method)
  let data = Buffer.from(text, 'latin1')
  for (let turn = 0; data.length > 0; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length] as number)
    parser.read(data.subarray(0, size))
    data = data.subarray(size)
  }
  return parser
}

const ok = 'HTTP/1.1 200 OK\r\n'

describe('a response', () => {
  const whole: readonly [what: string, text: string, bytes: number, isLast: boolean, method?: string][] = [
    ['with a length', `${ok}Content-Length: 5\r\n\r\nhello`, 5, false],
    ['without a body', `${ok}content-length:0\r\n\r\n`, 0, false],
    [
      'in chunks',
      `${ok}Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\n`,
      15,
      false
    ],
    ['with trailers', `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\nA: b\r\n\r\n`, 0, false],
    ['that is the last', `${ok}Connection: foo, Close\r\nContent-Length: 0\r\n\r\n`, 0, true],
    ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', 0, true],
    [
      'of HTTP/1.0 that keeps',
      'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n',
      0,
      false
    ],
    ['behind an interim one', `HTTP/1.1 100 Continue\r\n\r\n${ok}Content-Length: 1\r\n\r\nx`, 1, false],
    ['without content', 'HTTP/1.1 204 \r\n\r\n', 0, false],
    ['not modified', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n', 0, false],
    ['to HEAD', `${ok}Content-Length: 9\r\n\r\n`, 0, false, 'HEAD']
  ]
  for (const [what, text, bytes, isLast, method] of whole) {
    test(`${what} is whole, however it comes`, () => {
      fc.assert(
        fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (sizes) => {
          const parser = read(text, method, sizes)
          assert.ok(parser.isDone)
          assert.deepEqual([parser.received, parser.head?.isLast, parser.rest.length], [bytes, isLast, 0])
        }),
        { numRuns: 50, seed: 1 }
      )
      for (let end = 1; end < text.length; end++) assert.ok(!read(text.slice(0, end), method).isDone)
    })
  }

  test('ends with its connection where it says nothing else', () => {
    const parser = read(`${ok}\r\nhello`)
    assert.deepEqual([parser.isDone, parser.endsWithConnection, parser.received], [false, true, 5])
    assert.equal(read(`${ok}Content-Length: 9\r\n\r\nhello`).endsWithConnection, false)
  })

  test('leaves what stands behind it', () => {
    assert.equal(read('HTTP/1.1 101 Switching Protocols\r\n\r\nframes').rest.toString(), 'frames')
  })

  test('that is no response is recognised', () => {
    for (const text of [
      '220 mail',
      'SSH-2.0-x\r\n\r\n',
      'HTTP/2 200\r\n\r\n',
      `${ok}Transfer-Encoding: chunked\r\n\r\nz\r\n`
    ])
      assert.ok(read(text).isInvalid, text)
    assert.ok(read(`${ok}A: ${'x'.repeat(300_000)}`).isInvalid)
  })
})
