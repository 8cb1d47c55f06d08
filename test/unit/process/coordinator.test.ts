import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { FastifyBaseLogger } from 'fastify'
import { newBarrier, type Participant } from '../../../lib/process/barrier.ts'
import { Coordinator } from '../../../lib/process/coordinator.ts'
import type { GuardedEnd } from '../../../lib/process/exit-guard.ts'
import { type Host, thisProcess } from '../../../lib/process/host.ts'
import type { Member } from '../../../lib/process/member.ts'
import type { ShutdownReason } from '../../../lib/report/reason.ts'
import { now } from '../../../lib/time/clock.ts'
import { FakeHost } from '../../../testing/fake-host.ts'
import { latch } from '../../support/in-process.ts'

/** An app whose shutdown ends when the test says so. */
function aMember(exit = true) {
  const said: string[] = []
  const reasons: string[] = []
  const say = (_fields: unknown, line: string) => said.push(line)
  const log = { fatal: say, error: say, trace() {} }
  const ended = latch()
  const heard = { crashed: 0 }
  const member: Member = {
    settings: { signals: ['SIGTERM'], crashes: true, exit, deadline: 60_000, hardKill: false },
    app: { log: log as unknown as FastifyBaseLogger },
    async begin({ type }) {
      reasons.push(type)
      await ended.opened
      return { exitCode: told.code }
    },
    endLameDuck: () => false,
    abandon() {},
    crashed() {
      heard.crashed++
    },
    outstanding: () => ({
      phase: 'closing',
      hooks: [],
      hookCount: 0,
      requests: [],
      inFlight: 0,
      work: [],
      workCount: 0
    }),
    unstartedHooks: () => ['db']
  }
  const told = { member, reasons, said, heard, end: ended.open, log, code: 0 }
  return told
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('a watchdog that is lost, and one that is found again, are told to the app', () => {
  let heard: Parameters<FakeHost['guard']> | [] = []
  const host = new (class extends FakeHost {
    override guard(...given: Parameters<Host['guard']>): ReturnType<FakeHost['guard']> {
      heard = given as never
      return super.guard(...given)
    }
  })()
  const told = aMember()
  const lines: string[] = []
  const say = (_fields: unknown, line: string) => lines.push(line)
  Object.assign(told.log, { warn: say, info: say })
  const member = {
    ...told.member,
    settings: { ...told.member.settings, hardKill: { margin: 250, stall: 500 } }
  }
  new Coordinator(host).join(member)
  const [, , watched] = heard as unknown as Parameters<Host['guard']>
  watched.lost(new Error('no thread'))
  watched.found()
  assert.match(lines[0] as string, /^there is no watchdog/)
  assert.match(lines[1] as string, /^there is a watchdog now/)
})

test('what a shutdown was begun for first counts', async () => {
  const host = new FakeHost()
  const coordinator = new Coordinator(host)
  const [one, late] = [aMember(), aMember()]
  coordinator.join(one.member)
  host.events.onSignal('SIGTERM')
  coordinator.join(late.member)
  void coordinator.shutdown({ type: 'shutdown' }, late.member)
  assert.deepEqual([one.reasons, late.reasons], [['signal'], []])
  // Whoever comes while the others end is ended with them, once its hooks may be there.
  await turn()
  assert.deepEqual(late.reasons, ['signal'])
  one.end()
  let hasExited = false
  void host.exited.then(() => {
    hasExited = true
  })
  await turn()
  assert.equal(hasExited, false)
  late.end()
  assert.equal(await host.exited, 0)
})

test('an app that comes late has the time that is left; it is left alone where it goes again, or comes too late', async () => {
  const host = new FakeHost()
  const coordinator = new Coordinator(host)
  const [one, late, gone] = [aMember(), aMember(), aMember()]
  coordinator.join(one.member)
  host.events.onSignal('SIGTERM')
  const left: unknown[] = []
  const begin = (_reason: ShutdownReason, ms?: number) => {
    left.push(ms)
    return Promise.resolve({ exitCode: 3 })
  }
  coordinator.join({ ...late.member, begin })
  coordinator.join(gone.member)()
  await turn()
  assert.equal(left.length, 1)
  assert.ok(Number(left[0]) > 0 && Number(left[0]) <= 60_000)
  one.end()
  assert.equal(await host.exited, 3)
  coordinator.join(gone.member)
  await turn()
  assert.deepEqual(gone.reasons, [])
})

test('an app that comes while others end is not ended where the process lives on', async () => {
  const host = new FakeHost()
  const coordinator = new Coordinator(host)
  coordinator.join(aMember(false).member)
  host.events.onSignal('SIGTERM')
  const late = aMember()
  coordinator.join(late.member)
  await turn()
  assert.deepEqual(late.reasons, [])
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

test('the first twenty crashes are logged, and all are counted', () => {
  const host = new FakeHost()
  const coordinator = new Coordinator(host)
  const one = aMember()
  coordinator.join(one.member)
  for (let count = 0; count < 150; count++) host.events.onCrash('unhandledRejection', new Error('again'))
  assert.equal(one.said.length, 22)
  assert.equal(one.heard.crashed, 150)
  assert.match(String(one.said.at(-1)), /^too many errors/)
})

describe('an exit in the middle of a shutdown', () => {
  /** A host that keeps what it is to guard. */
  class GuardingHost extends FakeHost {
    end!: GuardedEnd
    isGuarded = false

    override guardExit(end: GuardedEnd): () => void {
      this.end = end
      this.isGuarded = true
      return () => {
        this.isGuarded = false
      }
    }
  }

  const setUp = (exit?: boolean) => {
    const host = new GuardingHost()
    const coordinator = new Coordinator(host)
    const one = aMember(exit)
    coordinator.join(one.member)
    host.events.onSignal('SIGTERM')
    return { host, coordinator, one }
  }
  const by = { code: 0, error: new Error('the process was ended'), isCrash: false }

  test('is reported with what is unfinished', () => {
    const { host, one } = setUp()
    const { phase, exit } = host.end.facts()
    assert.deepEqual(
      [phase, exit, host.end.endsProcess(), host.end.watchdog()],
      ['closing', undefined, true, { thread: 0, isAlive: false }]
    )
    assert.equal(host.end.times().deadline, host.end.times().giveUpAt)
    host.end.begun(by)
    assert.match(
      String(one.said),
      /^the process exits with code 0 before its shutdown is over, in the phase 'closing', because something called/
    )
    assert.match(String(one.said), /Unfinished: 0 requests in flight; hooks that have not begun: 'db'$/)
    host.end.begun({ ...by, isCrash: true })
    assert.match(String(one.said.at(-1)), /because nobody caught an error/)
  })

  test('is guarded with the watchdog that there is', () => {
    class WatchedHost extends GuardingHost {
      override guard(...given: Parameters<Host['guard']>): ReturnType<FakeHost['guard']> {
        return { ...super.guard(...given), thread: 43, isAlive: true }
      }
    }
    const host = new WatchedHost()
    const coordinator = new Coordinator(host)
    const { member } = aMember()
    const settings = { ...member.settings, hardKill: { margin: 250, stall: undefined } }
    coordinator.join({ ...member, settings })
    host.events.onSignal('SIGTERM')
    const { thread, isAlive } = host.end.watchdog()
    assert.deepEqual([thread, isAlive], [43, true])
    const { deadline, giveUpAt } = host.end.times()
    assert.equal(deadline - giveUpAt, 250)
  })

  test('is no news once all have ended, but an error is, and the watchdog knows what the exit waits for', async () => {
    const { host, one } = setUp()
    one.end()
    await host.exited
    host.end.begun(by)
    assert.deepEqual(one.said, [])
    host.end.waits({ code: 0, listener: 'flush' })
    assert.deepEqual(host.end.facts().exit, { code: 0, listener: 'flush' })
    host.end.begun({ ...by, isCrash: true })
    assert.equal(one.said.length, 1)
  })

  test('is not guarded any more where the process lives on', async () => {
    const { host, one } = setUp(false)
    assert.deepEqual([host.isGuarded, host.end.endsProcess()], [true, false])
    one.end()
    await turn()
    assert.equal(host.isGuarded, false)
  })
})

describe('two versions of the package in one process', () => {
  type Told = ReturnType<typeof aMember>

  /** Two coordinators that share nothing but the barrier. */
  const setUp = (exits: readonly [boolean, boolean] = [true, true]) => {
    const barrier = newBarrier()
    const hosts = exits.map(() => Object.assign(new FakeHost(), { barrier }))
    const coordinators = hosts.map((host) => new Coordinator(host))
    const members = exits.map((exit) => aMember(exit))
    for (const [index, coordinator] of coordinators.entries())
      coordinator.join((members[index] as Told).member)
    return {
      hosts: hosts as unknown as readonly [FakeHost, FakeHost],
      coordinators: coordinators as unknown as readonly [Coordinator, Coordinator],
      members: members as unknown as readonly [Told, Told]
    }
  }

  /** The codes with which hosts have exited so far. */
  const exitsOf = (hosts: readonly FakeHost[]) => {
    const codes: unknown[] = hosts.map(() => undefined)
    for (const [index, host] of hosts.entries()) {
      void host.exited.then((code) => {
        codes[index] = code
      })
    }
    return codes
  }

  for (const [name, first, second] of [
    ['the older', 0, 1],
    ['the newer', 1, 0]
  ] as const) {
    test(`wait for each other, where ${name} is done first, and exit with the higher code`, async () => {
      const { hosts, members } = setUp()
      const codes = exitsOf(hosts)
      for (const host of hosts) host.events.onSignal('SIGTERM')
      assert.deepEqual([members[0].reasons, members[1].reasons], [['signal'], ['signal']])
      members[first].code = 1
      members[first].end()
      await turn()
      assert.deepEqual(codes, [undefined, undefined])
      members[second].end()
      await turn()
      assert.deepEqual(codes, [1, 1])
    })
  }

  test('end together, also where only one of them was told to', async () => {
    const { hosts, coordinators, members } = setUp()
    const codes = exitsOf(hosts)
    void coordinators[0].shutdown({ type: 'shutdown' })
    members[0].end()
    await turn()
    await turn()
    assert.deepEqual(members[1].reasons, ['shutdown'])
    assert.deepEqual(codes, [undefined, undefined])
    members[1].end()
    await turn()
    assert.deepEqual(codes, [0, 0])
  })

  test('stay where an app of one of them lives on', async () => {
    const { hosts, coordinators, members } = setUp([true, false])
    const codes = exitsOf(hosts)
    for (const host of hosts) host.events.onSignal('SIGTERM')
    assert.deepEqual(
      coordinators.map(({ endsProcess }) => endsProcess),
      [false, false]
    )
    for (const member of members) member.end()
    await turn()
    assert.deepEqual(codes, [undefined, undefined])
  })

  test('do not wait for one whose apps have all closed', async () => {
    const barrier = newBarrier()
    const hosts = [0, 1].map(() => Object.assign(new FakeHost(), { barrier })) as [FakeHost, FakeHost]
    const leave = new Coordinator(hosts[1]).join(aMember().member)
    const one = aMember()
    new Coordinator(hosts[0]).join(one.member)
    hosts[0].events.onSignal('SIGTERM')
    leave()
    one.end()
    assert.equal(await hosts[0].exited, 0)
  })

  const participant = (fields: Partial<Participant>): Participant => ({
    ...{ state: 'ending', deadline: 0, exitCode: 0, keepsProcess: false, changed() {} },
    ...fields
  })

  test('one whose code fails when it is notified is no obstacle, and its exit code counts', async () => {
    const barrier = newBarrier()
    const changed = () => {
      throw new Error('of another version')
    }
    barrier.participants.add(participant({ state: 'done', exitCode: 4, changed }))
    const host = Object.assign(new FakeHost(), { barrier })
    const one = aMember()
    new Coordinator(host).join(one.member)
    host.events.onSignal('SIGTERM')
    one.end()
    assert.equal(await host.exited, 4)
  })

  test('one that never ends holds the other until the later of their deadlines', async () => {
    const barrier = newBarrier()
    const other = participant({ deadline: now() + 80 })
    barrier.participants.add(other)
    const host = Object.assign(new FakeHost(), { barrier })
    const { member, end } = aMember()
    new Coordinator(host).join({ ...member, settings: { ...member.settings, deadline: 20 } })
    host.events.onSignal('SIGTERM')
    end()
    const alive = setInterval(() => {}, 1_000)
    assert.equal(await host.exited, 0)
    clearInterval(alive)
    assert.ok(now() >= other.deadline - 1)
  })

  test('share a barrier under a symbol that never changes', () => {
    const { barrier } = thisProcess
    assert.equal(Reflect.get(globalThis, Symbol.for('fastify-lifecycle.barrier')), barrier)
    assert.equal(thisProcess.barrier, barrier)
    assert.deepEqual(Object.keys(barrier), ['participants'])
    assert.ok(Object.isFrozen(barrier))
  })
})
