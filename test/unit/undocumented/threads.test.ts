import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFile, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import {
  holdingThreads,
  mainThreadWaits,
  namesPool,
  onlyNew,
  type ScanSystem,
  thisThread,
  threadNumbers
} from '../../../lib/undocumented/threads.ts'

const onLinux = process.platform === 'linux' ? {} : { skip: 'NOT CHECKED: only Linux tells of threads' }

interface FakeThread {
  readonly syscall?: string
  readonly comm?: string
  readonly children?: string
}

/** A process as Linux shows it; its main thread is 1. */
function processOf(t: TestContext, threads: Readonly<Record<string, FakeThread>>): ScanSystem {
  const root = mkdtempSync(join(tmpdir(), 'threads-'))
  t.after(() => rmSync(root, { recursive: true }))
  mkdirSync(join(root, '1', 'fd'), { recursive: true })
  symlinkSync('1', join(root, 'self'))
  symlinkSync('/var/log/app.log', join(root, '1', 'fd', '27'))
  for (const [id, thread] of Object.entries({ '1': { syscall: 'running' }, ...threads })) {
    const folder = join(root, '1', 'task', id)
    mkdirSync(folder, { recursive: true })
    for (const [name, text] of Object.entries({ comm: 'node', children: '', ...thread })) {
      writeFileSync(join(folder, name), `${text}\n`)
    }
  }
  return { directory: join(root, 'self'), architecture: 'x64', namesPool: true }
}

const nothing = { hasWorkers: false, hasRequests: false, watchdog: 0 }
const pool = 'libuv-worker'

describe('the number of a new thread', () => {
  test('is that of the only one that was not there before', onLinux, async (t) => {
    const before = threadNumbers()
    const worker = new Worker(
      `const { parentPort } = require('node:worker_threads')
       const { readlinkSync } = require('node:fs')
       parentPort.postMessage(readlinkSync('/proc/thread-self').split('/').at(-1))
       parentPort.once('message', () => {})`,
      { eval: true }
    )
    const number = onlyNew(before)
    t.after(() => worker.terminate())
    assert.deepEqual(await once(worker, 'message'), [String(number)])
  })

  test('is not known where several are new, or none is, or the system does not tell', (t) => {
    const { directory } = processOf(t, { '2': {}, '3': {} })
    const three = threadNumbers(directory)
    assert.deepEqual([...three].sort(), [1, 2, 3])
    assert.equal(onlyNew(new Set([1]), three), 0)
    assert.equal(onlyNew(three, three), 0)
    const nothingTold = threadNumbers(join(directory, 'nowhere'))
    assert.equal(nothingTold.size, 0)
    assert.equal(onlyNew(nothingTold, new Set([7])), 0)
  })
})

describe('the threads that hold the exit', () => {
  test('are none where all of them rest, or only wait for events', (t) => {
    const system = processOf(t, {
      '2': { syscall: '281 0x9', comm: 'DelayedTaskSche' },
      '3': { syscall: '202 0x7f', comm: pool },
      '4': { syscall: 'running', comm: 'V8Worker' }
    })
    assert.deepEqual(holdingThreads(nothing, system), [])
  })

  test('are those of the pool that do anything else', (t) => {
    const system = processOf(t, {
      '2': { syscall: '257 0xff', comm: pool },
      '3': { syscall: '257 0xff', comm: pool },
      '4': { syscall: 'running', comm: pool },
      '5': { syscall: '7 0x1', comm: pool },
      '6': { syscall: '0 0x1b', comm: pool },
      '7': { syscall: '1 0x63', comm: pool },
      '8': { syscall: '999 0x1', comm: pool },
      '9': { syscall: '-1 0x7f', comm: pool },
      '10': { syscall: '-1 0x7f', comm: pool }
    })
    assert.deepEqual(holdingThreads(nothing, system)?.sort(), [
      '2 threads of the pool in openat',
      '3 threads of the pool that compute',
      'a thread of the pool in poll',
      'a thread of the pool in read of /var/log/app.log',
      'a thread of the pool in system call 999',
      'a thread of the pool in write'
    ])
  })

  test('are not those of an add-on that may be idle, unless a worker may be among them', (t) => {
    const idle = { '2': { syscall: '7 0x1' }, '3': { syscall: '0 0x1' }, '4': { syscall: '230 0x1' } }
    const system = processOf(t, idle)
    assert.deepEqual(holdingThreads(nothing, system), [])
    assert.deepEqual(holdingThreads({ ...nothing, hasRequests: true }, system), [])
    assert.equal(holdingThreads({ ...nothing, hasWorkers: true }, system)?.length, 3)
  })

  test('are any that write to a file, or wait for a child', (t) => {
    const system = processOf(t, {
      '2': { syscall: '74 0x1b' },
      '3': { syscall: '281 0x9', children: '4711' },
      '4': { syscall: '281 0x9' }
    })
    assert.deepEqual(holdingThreads(nothing, system), [
      'a thread in fsync of /var/log/app.log',
      'a thread that waits for process 4711'
    ])
  })

  test('are reported with less certainty where the pool has no names', (t) => {
    const system = {
      ...processOf(t, { '2': { syscall: 'running' }, '3': { syscall: '7 0x1' } }),
      namesPool: false
    }
    assert.deepEqual(holdingThreads(nothing, system), ['a thread that computes'])
    assert.deepEqual(holdingThreads({ ...nothing, hasRequests: true }, system), [
      'a thread that computes',
      'a thread in poll'
    ])
  })

  test("are not the watchdog's, and not those that end meanwhile", (t) => {
    const system = processOf(t, { '2': { syscall: '257 0x1' }, '3': { syscall: '257 0x1' } })
    rmSync(join(system.directory, 'task', '3', 'syscall'))
    assert.deepEqual(holdingThreads({ ...nothing, watchdog: 2 }, system), [])
  })

  test('are not known where the system does not tell', (t) => {
    const system = processOf(t, { '2': { syscall: '257 0x1' } })
    assert.equal(holdingThreads(nothing, { ...system, architecture: 'mips' }), undefined)
    assert.equal(holdingThreads(nothing, { ...system, directory: '/nowhere' }), undefined)
    rmSync(join(system.directory, 'task', '2', 'syscall'))
    mkdirSync(join(system.directory, 'task', '2', 'syscall'))
    assert.equal(holdingThreads(nothing, system), undefined)
  })

  test('can be found on every processor that is known', (t) => {
    const system = {
      ...processOf(t, { '2': { syscall: '56 0x1' }, '3': { syscall: '98 0x1' } }),
      architecture: 'arm64'
    }
    assert.deepEqual(holdingThreads(nothing, system), ['a thread in openat'])
  })
})

test('libuv names its pool from 1.50 on', () => {
  assert.deepEqual(['1.46.0', '1.50.0', '1.52.1', '2.0.0'].map(namesPool), [false, true, true, true])
})

test('what this very Node.js and system show is understood', onLinux, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'fifo-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const fifo = join(folder, 'fifo')
  execFileSync('mkfifo', [fifo])
  const surmise = { hasWorkers: false, hasRequests: true, watchdog: 0 }
  const isHeld = () =>
    holdingThreads(surmise)?.some((text) => /^a thread( of the pool)? in openat$/.test(text))
  const done = once(process, 'test:read')
  readFile(fifo, () => process.emit('test:read' as never))
  while (!isHeld()) await new Promise((resolve) => setImmediate(resolve))
  // Opens the other end, so that the read ends.
  writeFileSync(fifo, '')
  await done
  while (isHeld()) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(thisThread(), process.pid)
  // This thread is in the system because it reads what is said of it.
  assert.deepEqual([mainThreadWaits(), mainThreadWaits('/nowhere')], [true, undefined])
  assert.equal(thisThread('/nowhere'), 0)
})
