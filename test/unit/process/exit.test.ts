import assert from 'node:assert/strict'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { type TestContext, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import type { FastifyBaseLogger } from 'fastify'
import { exit } from '../../../lib/process/exit.ts'
import { thisSystem } from '../../../lib/process/exit-system.ts'
import { LastWords } from '../../../lib/process/last-words.ts'
import { endWorkers } from '../../../lib/process/workers.ts'
import { latch } from '../../support/in-process.ts'

const loggerThat = (flush: (done: () => void) => void) => ({ flush }) as unknown as FastifyBaseLogger
const patience = { logs: 60_000, pool: 60_000 }
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Notes the codes that the process would have ended with. */
function exits(t: TestContext): unknown[] {
  const codes: unknown[] = []
  t.mock.method(process, 'exit', ((code: unknown) => codes.push(code)) as never)
  return codes
}

test('a logger that throws when it is to write out what it holds does not keep the others from it', async (t) => {
  const codes = exits(t)
  const asked = latch()
  let written = () => {}
  const broken = loggerThat(() => {
    throw new Error('broken')
  })
  const slow = loggerThat((done) => {
    written = done
    asked.open()
  })
  const exited = exit(() => 3, [broken, slow], patience)
  await asked.opened
  await turn()
  assert.deepEqual(codes, [])
  written()
  await exited
  assert.deepEqual(codes, [3])
})

test('a code that the app has set wins over 0, and over nothing else, and the log says so', async (t) => {
  const codes = exits(t)
  const said: string[] = []
  const log = { info: (_: unknown, line: string) => said.push(line) } as unknown as FastifyBaseLogger
  process.exitCode = 75
  t.after(() => {
    process.exitCode = undefined
  })
  await exit(() => 0, [log], patience)
  await exit(() => 1, [log], patience)
  await exit(() => 0, [], patience)
  assert.deepEqual(codes, [75, 1, 75])
  assert.deepEqual(said, ['the exit code is 75, because the app has set `process.exitCode`'])
})

test('where nothing is known of threads, the requests to the pool are waited for', async (t) => {
  const codes = exits(t)
  let requests = ['GetAddrInfoReqWrap', 'Timeout']
  t.mock.method(process, 'getActiveResourcesInfo', () => requests)
  const { readlinkSync } = fs
  Object.assign(fs, {
    readlinkSync: () => {
      throw new Error('no /proc here')
    }
  })
  syncBuiltinESMExports()
  t.after(() => {
    Object.assign(fs, { readlinkSync })
    syncBuiltinESMExports()
  })
  const exited = exit(() => 0, [], patience)
  for (let turns = 0; turns < 20; turns++) await turn()
  assert.deepEqual(codes, [])
  requests = ['Timeout']
  await exited
  assert.deepEqual(codes, [0])
})

test('the threads that run are told to end', async () => {
  const worker = new Worker('for (;;) {}', { eval: true })
  const ended = new Promise((resolve) => worker.once('exit', resolve))
  assert.equal(endWorkers(), true)
  await ended
  assert.equal(endWorkers(), false)
})

test('the last words need no descriptor that is free then', (t) => {
  const { openSync, writeSync } = fs
  const opened: string[] = []
  const written: string[] = []
  let isRefused = false
  Object.assign(fs, {
    openSync: (path: string, ...given: [number]) => {
      opened.push(path)
      if (isRefused) throw new Error('EMFILE')
      return openSync(path, ...given)
    },
    writeSync: (_descriptor: number, text: string) => {
      written.push(String(text))
      if (isRefused) throw new Error('EPIPE')
      return Buffer.byteLength(text)
    }
  })
  syncBuiltinESMExports()
  t.after(() => {
    Object.assign(fs, { openSync, writeSync })
    syncBuiltinESMExports()
  })
  const facts = {
    phase: 'closed',
    hooks: [],
    requests: [],
    inFlight: 0,
    work: [],
    at: 0,
    bindings: {}
  } as const
  const verdict = { code: 'LIFECYCLE_EXIT_HELD', at: 0, blockedFor: 0 } as const
  const mayBlock = { write: () => false, close() {} }
  const words = new LastWords(mayBlock)
  assert.deepEqual(opened, ['/dev/null'])
  words.say(verdict, { ...facts, exit: { code: 3, heldBy: ['a thread'] } })
  assert.match(String(written), /held by a thread: the process was replaced by one that exits with code 3/)
  words.close()
  isRefused = true
  const silent = new LastWords(mayBlock)
  silent.say(verdict, facts)
  silent.close()
  // What does not block needs no other way.
  written.length = 0
  const said: string[] = []
  new LastWords({ write: (text) => said.push(text) > 0, close() {} }).say(verdict, facts)
  assert.deepEqual([said.length, written.length], [1, 0])
})

test('the main thread kills the process itself, and what no signal kills it aborts', (t) => {
  const did: unknown[] = []
  t.mock.method(process, 'kill', (...given: unknown[]) => did.push(given))
  t.mock.method(process, 'abort', (() => did.push('abort')) as never)
  thisSystem.kill()
  assert.deepEqual(did, [[process.pid, 'SIGKILL'], 'abort'])
})
