import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FastifyBaseLogger } from 'fastify'
import { exit } from '../../lib/exit.ts'
import { latch } from '../support/in-process.ts'

const loggerThat = (flush: (done: () => void) => void) => ({ flush }) as unknown as FastifyBaseLogger

test('a logger that throws when it is to write out what it holds does not keep the others from it', async (t) => {
  const { mock } = t.mock.method(process, 'exit', (() => {}) as never)
  const asked = latch()
  let written = () => {}
  const broken = loggerThat(() => {
    throw new Error('broken')
  })
  const slow = loggerThat((done) => {
    written = done
    asked.open()
  })
  const exited = exit(() => 3, [broken, slow], 60_000)
  await asked.opened
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(mock.callCount(), 0)
  written()
  await exited
  assert.deepEqual(
    mock.calls.map(({ arguments: [code] }) => code),
    [3]
  )
})
