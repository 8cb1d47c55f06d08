import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { flagsFor, readFile, writeInThread, writeToFileInThread } from '../../../lib/watchdog/files.ts'
import { StandardError, type StandardErrorTools } from '../../../lib/watchdog/standard-error.ts'
import { writeAnyway, writeToFileAnyway } from '../../../lib/watchdog/write-anyway.ts'
import { cleanup } from '../../support/cleanup.ts'

type Kind = 'pipe' | 'terminal' | 'socket' | 'file'

/** Standard error of some kind. Each write gives what the list says: a number of bytes, or an error's code. */
function stderrOf(kind: Kind, writes: (number | string)[] = [], more: Partial<StandardErrorTools> = {}) {
  const did: unknown[] = []
  let now = 0
  const stderr = new StandardError({
    fstatSync: () => ({
      isFIFO: () => kind === 'pipe',
      isCharacterDevice: () => kind === 'terminal',
      isSocket: () => kind === 'socket'
    }),
    openSync: (path) => {
      did.push(path)
      return 9
    },
    closeSync: (descriptor) => did.push(`close ${descriptor}`),
    writeSync(descriptor, bytes, offset) {
      did.push([descriptor, bytes.toString('utf8', offset)])
      const next = writes.shift() ?? bytes.length - offset
      if (typeof next === 'number') return next
      throw Object.assign(new Error(next), { code: next })
    },
    unblock: (descriptor) => did.push(`unblock ${descriptor}`),
    now: () => now,
    wait(ms) {
      now += ms
    },
    ...more
  })
  return { stderr, did, elapsed: () => now }
}

describe('standard error', () => {
  test('that nobody reads is left in the end, with what there was room for', async (t) => {
    const fixture = fileURLToPath(new URL('../../fixtures/standard-error.js', import.meta.url))
    // Nobody reads the pipe until the input of the shell ends.
    const pipeline =
      '{ "$0" "$1" 2>&1 1>&3 3>&- 4<&- | { cat <&4 >/dev/null; head -n 1; cat >/dev/null; }; } 3>&1 4<&0'
    const child = spawn('sh', ['-c', pipeline, process.execPath, fixture], {
      stdio: ['pipe', 'pipe', 'inherit']
    })
    cleanup(t, () => child.kill('SIGKILL'))
    const output = child.stdout.setEncoding('utf8')
    assert.deepEqual(await once(output, 'data'), ['true\n'])
    child.stdin.end()
    assert.deepEqual(await once(output, 'data'), ['first\n'])
    assert.deepEqual(await once(child, 'exit'), [0, null])
  })

  for (const kind of ['pipe', 'terminal'] as const) {
    test(`is opened once more where it is a ${kind}, and written to its end`, () => {
      const { stderr, did } = stderrOf(kind, [2])
      assert.equal(stderr.write('a line'), true)
      stderr.close()
      assert.deepEqual(did, ['/proc/self/fd/2', [9, 'a line'], [9, 'line'], 'close 9'])
    })
  }

  test('is waited for, but not for long, where a pipe is full', () => {
    const full = stderrOf(
      'pipe',
      Array.from({ length: 100 }, () => 'EAGAIN')
    )
    assert.equal(full.stderr.write('a line'), true)
    assert.ok(full.elapsed() >= 50 && full.elapsed() < 60)
    const soon = stderrOf('pipe', ['EAGAIN', 6])
    assert.equal(soon.stderr.write('a line'), true)
    assert.equal(soon.did.length, 3)
  })

  test('is left where nobody reads', () => {
    const { stderr, did } = stderrOf('pipe', ['EPIPE'])
    assert.equal(stderr.write('a line'), true)
    assert.equal(did.length, 2)
  })

  test('never blocks where it is a socket, or a pipe that cannot be opened once more', () => {
    const openSync = () => {
      throw new Error('ENXIO')
    }
    for (const kind of ['socket', 'pipe'] as const) {
      const { stderr, did } = stderrOf(kind, [], { openSync })
      assert.equal(stderr.write('a line'), true)
      stderr.close()
      assert.deepEqual(did, ['unblock 2', [2, 'a line']])
    }
  })

  test('is not written to where a write may block', () => {
    const fails = () => {
      throw new Error('EBADF')
    }
    for (const [kind, more] of [
      ['file', {}],
      ['pipe', { fstatSync: fails }],
      ['socket', { unblock: fails }]
    ] as const) {
      const { stderr, did } = stderrOf(kind, [], more)
      assert.equal(stderr.write('a line'), false)
      assert.deepEqual(did, [])
    }
  })

  test('can be opened in this process, and closed', () => {
    const stderr = new StandardError()
    assert.equal(typeof stderr.write(''), 'boolean')
    stderr.close()
  })
})

test('a thread writes, and files that are too large are not read', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'written-'))
  t.after(() => rm(folder, { recursive: true }))
  const path = join(folder, 'stderr')
  const file = await open(path, 'w')
  await writeInThread(file.fd, 'a line')
  await file.close()
  assert.equal(String(await readFile(pathToFileURL(path), 6)), 'a line')
  assert.equal(String(await readFile(pathToFileURL(path), 5)), '')
})

test('a thread writes to a file, in place of what is there, or after it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'written-'))
  t.after(() => rm(folder, { recursive: true }))
  const path = join(folder, 'log')
  await writeToFileInThread(path, flagsFor(false), 'what was there before')
  await writeToFileInThread(path, flagsFor(false), 'a line')
  await writeToFileInThread(path, flagsFor(true), ', one more')
  assert.equal(fs.readFileSync(path, 'utf8'), 'a line, one more')
})

describe('where opening a file may block', () => {
  type Opened = [error: Error | null, descriptor: number]

  /** The pool opens the file before or after its patience is over, or never. */
  const writeTo = async (opened: { soon?: Opened; late?: Opened }) => {
    const did: unknown[] = []
    let late = () => {}
    const written = writeToFileAnyway('/log', 7, 'a line', {
      after(_, callback) {
        setImmediate(() => {
          callback()
          late()
        })
      },
      open(path, flags, mode, done) {
        did.push([path, flags, mode])
        if (opened.soon !== undefined) done(...opened.soon)
        const then = opened.late
        if (then !== undefined) late = () => done(...then)
      },
      write(descriptor, bytes, _offset, _length, _position, done) {
        did.push([descriptor, bytes.toString()])
        done(null, bytes.length)
      },
      async writeToFileInThread(...given) {
        did.push(given)
      }
    })
    await written
    await new Promise(setImmediate)
    const [first, ...others] = did
    assert.deepEqual(first, ['/log', 7, 0o644])
    return others
  }

  test('the pool opens and writes', async () => {
    assert.deepEqual(await writeTo({ soon: [null, 9] }), [[9, 'a line']])
  })

  test('an error ends it', async () => {
    assert.deepEqual(await writeTo({ soon: [new Error('ENXIO'), -1] }), [])
  })

  test('a thread does both where the pool is held, and the pool then leaves it alone', async () => {
    assert.deepEqual(await writeTo({}), [['/log', 7, 'a line']])
    assert.deepEqual(await writeTo({ late: [null, 9] }), [['/log', 7, 'a line']])
  })
})

describe('where a write may block', () => {
  /** The pool answers as the list says; what it has no answer for, it never writes. */
  const writeTo = async (answers: [error: Error | null, written: number][]) => {
    const did: string[] = []
    const timers: (() => void)[] = []
    const written = writeAnyway(2, 'a line', {
      after: (_, callback) => timers.push(callback),
      write(descriptor, bytes, offset, length, _, done) {
        did.push(bytes.toString('utf8', offset, offset + length))
        assert.equal(descriptor, 2)
        const answer = answers.shift()
        if (answer !== undefined) done(...answer)
      },
      async writeInThread(descriptor, text) {
        did.push(`in a thread to ${descriptor}: ${text}`)
      }
    })
    for (const timer of timers) timer()
    await written
    return did
  }

  test('the pool writes to the end', async () => {
    const answers: [null, number][] = [
      [null, 2],
      [null, 4]
    ]
    assert.deepEqual(await writeTo(answers), ['a line', 'line'])
  })

  test('an error ends it', async () => {
    assert.deepEqual(await writeTo([[new Error('ENOSPC'), 0]]), ['a line'])
  })

  test('a thread writes what is left where the pool is held', async () => {
    assert.deepEqual(await writeTo([[null, 2]]), ['a line', 'line', 'in a thread to 2: line'])
  })
})
