import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { EventEmitter } from 'node:events'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import type { FastifyBaseLogger } from 'fastify'
import {
  checkTerminationLog,
  isWritable,
  TerminationLog,
  terminationLog,
  terminationLogOf
} from '../../../lib/telemetry/termination-log.ts'
import { cleanup } from '../../support/cleanup.ts'

const onUnix = process.platform === 'win32' ? { skip: 'NOT CHECKED: there are no FIFOs on Windows' } : {}
const inKubernetes = { KUBERNETES_SERVICE_HOST: '10.96.0.1' }

function folder(t: TestContext): string {
  const path = fs.mkdtempSync(join(tmpdir(), 'termination-'))
  cleanup(t, () => fs.rmSync(path, { recursive: true, force: true }))
  return path
}

/** A log in a process that exits when the test says so. */
function makeLog() {
  const target = new EventEmitter()
  const log = new TerminationLog(target as unknown as NodeJS.Process)
  return { log, exit: (code: number) => target.emit('exit', code), target }
}

function stderr(t: TestContext): string[] {
  const texts: string[] = []
  const { writeSync } = fs
  t.mock.method(fs, 'writeSync', (...given: Parameters<typeof fs.writeSync>) => {
    if (given[0] !== 2) return writeSync(...given)
    texts.push(String(given[1]))
    return 0
  })
  syncBuiltinESMExports()
  cleanup(t, () => {
    t.mock.restoreAll()
    syncBuiltinESMExports()
  })
  return texts
}

describe('the option terminationLog', () => {
  test("is Kubernetes' own file by default, where there is Kubernetes and the file can be written", () => {
    const asked: string[] = []
    const given = (env: NodeJS.ProcessEnv, canWrite: boolean) =>
      terminationLogOf(undefined, env, (path) => {
        asked.push(path)
        return canWrite
      })
    assert.equal(given(inKubernetes, true), '/dev/termination-log')
    assert.equal(given(inKubernetes, false), false)
    assert.equal(given({}, true), false)
    assert.deepEqual(asked, ['/dev/termination-log', '/dev/termination-log'])
  })

  test('is a path, or false, and is taken as it is', () => {
    assert.equal(terminationLogOf('/var/log/end', {}), '/var/log/end')
    assert.equal(
      terminationLogOf(false, inKubernetes, () => true),
      false
    )
  })

  for (const wrong of [true, '', 1, null, {}, 'a\0b', 'x'.repeat(4_097)]) {
    test(`cannot be ${JSON.stringify(wrong)?.slice(0, 20)}`, () => {
      assert.throws(() => terminationLogOf(wrong as never, {}), {
        code: 'FST_LIFECYCLE_OPTION_INVALID',
        message: /'terminationLog' must be a path such as '\/dev\/termination-log', or false/
      })
    })
  }

  test('is looked at when the app boots: what cannot be written is a warning', (t) => {
    const lines: unknown[] = []
    const log = { warn: (...given: unknown[]) => lines.push(given) } as unknown as FastifyBaseLogger
    const path = folder(t)
    checkTerminationLog(log, false)
    checkTerminationLog(log, join(path, 'new'))
    assert.deepEqual(lines, [])
    const nowhere = join(path, 'nowhere', 'new')
    checkTerminationLog(log, nowhere)
    assert.deepEqual(lines, [
      [
        { code: 'LIFECYCLE_TERMINATION_LOG', path: nowhere },
        `the termination log ${nowhere} cannot be written: it will not say how this process ends`
      ]
    ])
    assert.equal(fs.existsSync(join(path, 'new')), false)
  })

  test('can be written where the file is there, or can be made', (t) => {
    const path = folder(t)
    fs.writeFileSync(join(path, 'there'), '')
    assert.deepEqual(
      ['there', 'new', 'no folder/new'].map((name) => isWritable(join(path, name))),
      [true, true, false]
    )
  })
})

describe('the termination log', () => {
  test('has what each app has to say, one line each, in place of what was there', (t) => {
    const path = join(folder(t), 'log')
    fs.writeFileSync(path, 'what was there before, and is longer than what comes\n'.repeat(10))
    const { log } = makeLog()
    log.add({}, path, () => 'a\nb')
    log.add({}, path, () => undefined)
    log.add({}, path, () => 'c')
    log.write(path)
    assert.equal(fs.readFileSync(path, 'utf8'), 'a\\u000ab\nc\n')
  })

  test('is written once more as the process exits, where its code makes a difference', (t) => {
    const [one, other] = ['one', 'other'].map((name) => join(folder(t), name)) as [string, string]
    const { log, exit } = makeLog()
    log.add({}, one, (code = 0) => `exit code ${code}`)
    log.add({}, other, () => 'always the same')
    log.write(one)
    log.write(other)
    fs.rmSync(other)
    exit(3)
    assert.equal(fs.readFileSync(one, 'utf8'), 'exit code 3\n')
    assert.equal(fs.existsSync(other), false)
  })

  test('says nothing more of an app for which the process does not exit, and leaves no listener', (t) => {
    const path = join(folder(t), 'log')
    const { log, exit, target } = makeLog()
    const [first, second] = [{}, {}]
    log.add(first, path, () => 'first')
    log.add(second, path, () => 'second')
    assert.equal(target.listenerCount('exit'), 1)
    assert.equal(target.listeners('exit')[0]?.name, 'terminationLog')
    log.remove(first)
    exit(0)
    assert.equal(fs.readFileSync(path, 'utf8'), 'second\n')
    log.remove(second)
    log.remove(second)
    assert.equal(target.listenerCount('exit'), 0)
  })

  test('keeps the lines of twenty apps, and no line is longer than 2 kB', (t) => {
    const path = join(folder(t), 'log')
    const { log } = makeLog()
    for (let app = 0; app < 100; app++) log.add({}, path, () => `${app} ${'x'.repeat(5_000)}`)
    log.write(path)
    const lines = fs.readFileSync(path, 'utf8').trimEnd().split('\n')
    assert.deepEqual([lines.length, lines[0]?.slice(0, 3)], [20, '80 '])
    assert.ok(lines.every((line) => Buffer.byteLength(line) <= 2_000))
  })

  test('waits for nobody: a FIFO without a reader is an error, which stderr has', onUnix, (t) => {
    const path = join(folder(t), 'fifo')
    execFileSync('mkfifo', [path])
    const texts = stderr(t)
    const { log } = makeLog()
    log.add({}, path, () => 'a line')
    log.write(path)
    assert.match(String(texts), /^the termination log .*fifo cannot be written: ENXIO/)
  })

  test('is one for the process, also for several copies of the package', () => {
    assert.equal(terminationLog(), terminationLog())
  })
})
