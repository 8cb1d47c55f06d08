import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FastifyBaseLogger } from 'fastify'
import { Coordinator, type Member } from '../../lib/coordinator.ts'
import { FakeHost } from '../../testing/fake-host.ts'
import { latch } from '../support/in-process.ts'

/** An app whose shutdown ends when the test says so. */
function aMember(exit = true) {
  const said: string[] = []
  const reasons: string[] = []
  const say = (_fields: unknown, line: string) => said.push(line)
  const log = { fatal: say, error: say, trace() {} }
  const ended = latch()
  const member: Member = {
    settings: { signals: ['SIGTERM'], crashes: true, exit, deadline: 60_000, hardKill: false },
    app: { log: log as unknown as FastifyBaseLogger },
    async begin({ type }) {
      reasons.push(type)
      await ended.opened
      return { exitCode: 0 }
    },
    abandon: () => ({ exitCode: 1 }),
    crashed() {},
    outstanding: () => ({ phase: 'closing', hooks: [], requests: [], inFlight: 0, work: [] })
  }
  return { member, reasons, said, end: ended.open, log }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('what a shutdown was begun for first counts', async () => {
  const host = new FakeHost()
  const coordinator = new Coordinator(host)
  const [one, late] = [aMember(), aMember()]
  coordinator.join(one.member)
  host.events.onSignal('SIGTERM')
  coordinator.join(late.member)
  coordinator.shutdown({ type: 'shutdown' }, late.member)
  assert.deepEqual([one.reasons, late.reasons], [['signal'], []])
  one.end()
  assert.equal(await host.exited, 0)
})

test('a process that lives on hears of nothing for apps that did not end in time', async () => {
  const host = new FakeHost()
  const coordinator = new Coordinator(host)
  const one = aMember(false)
  coordinator.join(one.member)
  host.events.onSignal('SIGTERM')
  one.end()
  await turn()
  assert.deepEqual([host.events.signals, host.events.crashes], [[], false])
})

test('a crash while the logs are written out makes the exit code 1', async () => {
  let exitCode = () => -1
  class SlowHost extends FakeHost {
    override async exit(code: () => number): Promise<void> {
      exitCode = code
    }
  }
  const host = new SlowHost()
  const coordinator = new Coordinator(host)
  const one = aMember()
  coordinator.join(one.member)
  host.events.onSignal('SIGTERM')
  one.end()
  await turn()
  assert.equal(exitCode(), 0)
  host.events.onCrash('uncaughtException', new Error('at the very last'))
  assert.equal(exitCode(), 1)
})

test('a crash is logged by the first app that logs anything at that level', () => {
  const host = new FakeHost()
  const coordinator = new Coordinator(host)
  const [silent, heard] = [aMember(), aMember()]
  const { log } = silent
  log.error = log.trace as never
  coordinator.join(silent.member)
  coordinator.join(heard.member)
  host.events.onCrash('uncaughtException', new Error('nobody caught this'))
  host.events.onCrash('unhandledRejection', new Error('nobody awaited this'))
  assert.deepEqual(silent.said, ['uncaughtException: shutting down, the exit code will be 1'])
  assert.match(String(heard.said), /^unhandledRejection while shutting down/)
})

test('whatever goes wrong with the shutdown of one app, the process ends, with 1', async () => {
  const host = new FakeHost()
  const coordinator = new Coordinator(host)
  const [broken, fine] = [aMember(), aMember()]
  coordinator.join({ ...broken.member, begin: () => Promise.reject(new Error('broken')) })
  coordinator.join(fine.member)
  host.events.onSignal('SIGTERM')
  fine.end()
  assert.equal(await host.exited, 1)
  assert.match(String(broken.said), /^unhandledRejection while shutting down/)
})

test('from some number on crashes are not told, and that is', () => {
  const host = new FakeHost()
  const coordinator = new Coordinator(host)
  const one = aMember()
  coordinator.join(one.member)
  for (let count = 0; count < 150; count++) host.events.onCrash('unhandledRejection', new Error('again'))
  assert.equal(one.said.length, 102)
  assert.match(String(one.said.at(-1)), /^too many errors/)
})
