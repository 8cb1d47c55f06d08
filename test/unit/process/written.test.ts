import assert from 'node:assert/strict'
import { PassThrough, Writable } from 'node:stream'
import { test } from 'node:test'
import type { FastifyBaseLogger } from 'fastify'
import { streamed } from '../../../lib/process/written.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A stream that takes one chunk at a time, when it is told to. */
function slow() {
  const waiting: (() => void)[] = []
  const stream = new Writable({ write: (_chunk, _encoding, done) => void waiting.push(done) })
  return { stream, takeOne: () => waiting.shift()?.() }
}

/** As winston's are: streams, with streams inside. */
const winston = (...transports: object[]) =>
  Object.assign(new PassThrough(), { transports }) as unknown as FastifyBaseLogger

test('a logger that is made of streams has the time that these take', async () => {
  const { stream, takeOne } = slow()
  const inside = slow()
  const log = winston(stream, { _dest: inside.stream, filename: 'app.log' })
  stream.write('one')
  inside.stream.write('two')
  let isOver = false
  const over = streamed([log]).then(() => {
    isOver = true
  })
  takeOne()
  for (let turns = 0; turns < 20; turns++) await turn()
  assert.equal(isOver, false)
  inside.takeOne()
  await over
})

test('what waits to be read counts, and what is destroyed does not', async () => {
  const log = winston()
  ;(log as unknown as PassThrough).write('not read yet')
  let isOver = false
  const over = streamed([log]).then(() => {
    isOver = true
  })
  for (let turns = 0; turns < 20; turns++) await turn()
  assert.equal(isOver, false)
  ;(log as unknown as PassThrough).destroy()
  await over
})

test('other loggers are not looked at', async () => {
  await streamed([{ info() {} } as unknown as FastifyBaseLogger])
})
