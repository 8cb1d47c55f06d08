import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { FastifyBaseLogger } from 'fastify'
import { Contest } from '../../../lib/process/contest.ts'
import { describeListener, watchProcess } from '../../../lib/process/signals.ts'
import { cleanup } from '../../support/cleanup.ts'

const nothing = { crashes: false, onSignal() {}, onCrash() {} }

describe('a listener of somebody else', () => {
  // Node.js 26 starts a test file with all its own options, and has a listener to SIGUSR2 for them.
  before(() => {
    if (process.report !== undefined) process.report.reportOnSignal = false
  })

  test('is described by its source on one line, at most 160 bytes of it', () => {
    assert.equal(
      describeListener(() => {
        process.exit(0)
      }),
      '() => { process.exit(0); }'
    )
    const long = describeListener(
      () => 'x'.repeat(100) + 'y'.repeat(100) + 'the end of what is long'.repeat(100)
    )
    const longer = describeListener(Object.assign(() => {}, { toString: () => 'not asked' }))
    assert.equal(longer, '() => { }')
    assert.ok(long.length <= 160)
  })

  test('is described by its name where its source says nothing', () => {
    const stop = () => {}
    assert.equal(describeListener(stop.bind(undefined)), 'bound stop')
    const unnamed = (() => () => {})().bind(undefined)
    Object.defineProperty(unnamed, 'name', { value: '' })
    assert.equal(describeListener(unnamed), '(anonymous)')
    const broken = Object.defineProperty(stop.bind(undefined), 'name', {
      get() {
        throw new Error('looked at')
      }
    })
    assert.equal(describeListener(broken), '(anonymous)')
  })

  test('comes after our own, however early it was added, and however often we listen anew', (t) => {
    const heard: string[] = []
    const theirs = () => heard.push('theirs')
    process.on('SIGWINCH', theirs)
    process.on('SIGUSR2', theirs)
    cleanup(t, () => process.removeListener('SIGUSR2', theirs).removeListener('SIGWINCH', theirs))
    const onSignal = () => heard.push('ours')
    const watches = [1, 2].map(() => watchProcess({ ...nothing, signals: ['SIGUSR2'], onSignal }))
    cleanup(t, () => watches[1]?.stop())
    watches[0]?.stop()
    process.emit('SIGUSR2', 'SIGUSR2')
    process.emit('SIGUSR2', 'SIGUSR2')
    assert.deepEqual(heard, ['ours', 'theirs', 'ours', 'theirs'])
    assert.deepEqual(
      watches[1]?.contenders().map(({ listener }) => listener),
      [theirs]
    )
  })

  test('is none where it is of another version of this package', (t) => {
    const watches = [1, 2].map(() => watchProcess({ ...nothing, signals: ['SIGUSR2', 'SIGBREAK'] }))
    for (const watch of watches) cleanup(t, () => watch.stop())
    assert.deepEqual(
      watches.map((watch) => watch.contenders()),
      [[], []]
    )
  })
})

describe('others that listen to a signal', () => {
  const one = () => 'one'
  const two = () => 'two'

  test('is named once, of one signal or of all', () => {
    const lines: unknown[] = []
    const log = { warn: (fields: unknown) => lines.push(fields) } as unknown as FastifyBaseLogger
    const contenders = [{ signal: 'SIGTERM', listener: one } as const]
    const watch = { contenders: () => contenders, stop() {} }
    const contest = new Contest()
    contest.look(watch, log)
    contest.look(watch, log)
    contenders.push({ signal: 'SIGTERM', listener: two })
    contest.look(watch, log, 'SIGINT')
    contest.look(watch, log, 'SIGTERM')
    contest.look(watch, log)
    const named = (listener: string) => ({
      ...{ code: 'LIFECYCLE_SIGNAL_CONTESTED', signals: ['SIGTERM'] },
      listeners: [{ signal: 'SIGTERM', listener }]
    })
    assert.deepEqual(lines, [named("() => 'one'"), named("() => 'two'")])
  })
})
