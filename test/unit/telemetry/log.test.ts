import assert from 'node:assert/strict'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { describe, type TestContext, test } from 'node:test'
import Fastify, { type FastifyBaseLogger } from 'fastify'
import type { CheckEvent, HookReport, Phase, Report } from '../../../index.ts'
import {
  bindingsOf,
  logCheck,
  logCutRequest,
  logCutWork,
  logFailedListener,
  logFailedLongLived,
  logHeld,
  logHook,
  logOthers,
  logPhase,
  logProbe,
  logProbePort,
  logReport,
  type PhaseFacts
} from '../../../lib/telemetry/log.ts'
import type { LogSettings } from '../../../lib/telemetry/log-options.ts'
import { logCrash, logLastCrash, logLostWatchdog, logMismatch } from '../../../lib/telemetry/log-process.ts'
import { logContested, logRepeatedSignal } from '../../../lib/telemetry/log-signals.ts'
import { flatReport } from '../../../lib/telemetry/loggable.ts'
import { say, sayToFirst } from '../../../lib/telemetry/say.ts'
import { setStyle, styleFor } from '../../../lib/telemetry/style.ts'
import { cleanup } from '../../support/cleanup.ts'
import { clean, failed, free } from '../../support/reports.ts'

type Line = readonly [level: string, fields: object, text: string]

const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** A logger that keeps its lines. */
function aLogger() {
  const lines: Line[] = []
  const log: Record<string | symbol, unknown> = { [Symbol.for('pino.serializers')]: {} }
  for (const level of levels) {
    log[level] = (fields: object, text: string) => lines.push([level, fields, text])
  }
  return { lines, log: log as unknown as FastifyBaseLogger }
}

/** What is written to stderr until the test is over, past `process.stderr`. */
function stderr(t: TestContext, write?: () => never): string[] {
  const texts: string[] = []
  t.mock.method(fs, 'writeSync', (descriptor: number, text: string) => {
    write?.()
    texts.push(`${descriptor}: ${text}`)
    return text.length
  })
  syncBuiltinESMExports()
  cleanup(t, () => {
    t.mock.restoreAll()
    syncBuiltinESMExports()
  })
  return texts
}

const error = new Error('no')
const usual: LogSettings = { level: 'info', report: 'auto' }

const flatClean = {
  ...{ outcome: 'clean', exitCode: 0, durationMs: 2_731, signal: 'SIGTERM' },
  ...{ completed: 2_120, rejected: 431, cut: 0 }
}
const flatFailed = { ...flatClean, outcome: 'failed', exitCode: 1, cut: 2, failedHooks: 'cache, db' }

const facts: PhaseFacts = {
  reason: { type: 'signal', signal: 'SIGTERM' },
  deadline: 9_000,
  inFlight: 3,
  isIdle: false,
  handsOver: false,
  cut: 2,
  hooks: 4
}
const one: PhaseFacts = { ...facts, inFlight: 1, cut: 1, hooks: 1 }

const hook: HookReport = { name: 'db', phase: 'closing', outcome: 'ok', at: 1, duration: 12.5, ...free }
const hookFields = { code: 'LIFECYCLE_HOOK', hook: 'db', phase: 'closing', duration: 12.5 }
const despite = { waitedFor: ['a', 'b', 'c'], despite: ['a', 'b'] }
const request = { id: 'req-3', method: 'GET', route: '/orders/:id', age: 100 }
const check: CheckEvent = {
  ...{ name: 'db', probe: 'ready', state: 'failing', previous: 'ok', critical: true },
  error
}
const contenders = [
  { signal: 'SIGTERM', listener: '() => process.exit(0)' },
  { signal: 'SIGINT', listener: 'bound stop' }
]
const mismatch = { platform: 'PM2', setting: 'kill_timeout', kill: 1_600 }

describe('the line of', () => {
  const cases: readonly [what: string, write: (log: FastifyBaseLogger) => void, line: Line | undefined][] = [
    [
      'the lame duck',
      (log) => logPhase(log, 'lameDuck', facts),
      [
        'info',
        { code: 'LIFECYCLE_PHASE', phase: 'lameDuck' },
        'shutting down because of SIGTERM: not ready any more, 3 requests in flight, 9000 ms until the end'
      ]
    ],
    [
      'the drain',
      (log) => logPhase(log, 'draining', one),
      [
        'info',
        { code: 'LIFECYCLE_PHASE', phase: 'draining' },
        'draining: answering new requests with 503 while 1 request in flight may finish'
      ]
    ],
    [
      'the closing',
      (log) => logPhase(log, 'closing', facts),
      ['info', { code: 'LIFECYCLE_PHASE', phase: 'closing' }, 'closing: 2 requests cut, 4 hooks to run']
    ],
    [
      'the closing with one of each',
      (log) => logPhase(log, 'closing', one),
      ['info', { code: 'LIFECYCLE_PHASE', phase: 'closing' }, 'closing: 1 request cut, 1 hook to run']
    ],
    [
      'the end',
      (log) => logPhase(log, 'closed', facts),
      ['debug', { code: 'LIFECYCLE_PHASE', phase: 'closed' }, 'closed']
    ],
    [
      'a hook that is done',
      (log) => logHook(log, hook, undefined),
      ['info', { ...hookFields, outcome: 'ok' }, "hook 'db' done in 12.5 ms"]
    ],
    [
      'a hook that is done although others were not',
      (log) => logHook(log, { ...hook, ...despite }, undefined),
      [
        'info',
        { ...hookFields, outcome: 'ok' },
        "hook 'db' done in 12.5 ms, although 'a', 'b' had not ended well"
      ]
    ],
    [
      'a hook that failed',
      (log) => logHook(log, { ...hook, outcome: 'error' }, error),
      ['error', { ...hookFields, outcome: 'error', err: error }, "hook 'db' failed after 12.5 ms"]
    ],
    [
      'a hook that timed out',
      (log) => logHook(log, { ...hook, outcome: 'timeout' }, error),
      ['error', { ...hookFields, outcome: 'timeout' }, "hook 'db' timed out after 12.5 ms"]
    ],
    [
      'a request that was cut',
      (log) => logCutRequest(log, request),
      ['error', { code: 'LIFECYCLE_CUT', request }, 'request GET /orders/:id cut: not answered after 100 ms']
    ],
    [
      'work that was cut',
      (log) => logCutWork(log, { name: 'import', age: 100 }),
      [
        'error',
        { code: 'LIFECYCLE_CUT', work: { name: 'import', age: 100 } },
        "work 'import' timed out at the age of 100 ms"
      ]
    ],
    [
      'the report of a clean shutdown',
      (log) => logReport(log, usual.report, clean, true),
      ['info', { code: 'LIFECYCLE_REPORT', ...flatClean }, clean.summary]
    ],
    [
      'the report of any other shutdown',
      (log) => logReport(log, usual.report, failed, true),
      ['error', { code: 'LIFECYCLE_REPORT', ...flatFailed, report: failed }, failed.summary]
    ],
    [
      'a check that fails',
      (log) => logCheck(log, check),
      ['warn', { code: 'LIFECYCLE_CHECK', check: 'db', state: 'failing', err: error }, "check 'db' fails"]
    ],
    [
      'a check that fails and is not critical',
      (log) => logCheck(log, { ...check, critical: false }),
      [
        'warn',
        { code: 'LIFECYCLE_CHECK', check: 'db', state: 'failing', err: error },
        "check 'db' fails; it is not critical"
      ]
    ],
    [
      'a check that has recovered',
      (log) => logCheck(log, { ...check, state: 'ok', previous: 'failing', error: undefined }),
      ['info', { code: 'LIFECYCLE_CHECK', check: 'db', state: 'ok' }, "check 'db' has recovered"]
    ],
    [
      'a check that was never anything but good: none',
      (log) => logCheck(log, { ...check, state: 'ok', previous: 'unknown', error: undefined }),
      undefined
    ],
    [
      'readiness that is held off',
      (log) => logHeld(log, ['warm-up', 'cache'], 2, 10_000),
      [
        'warn',
        { code: 'LIFECYCLE_HELD', holds: ['warm-up', 'cache'] },
        "still not ready after 10000 ms: held off by 'warm-up', 'cache'"
      ]
    ],
    [
      'the probe port',
      (log) => logProbePort(log, 'http://[::]:9000'),
      [
        'info',
        { code: 'LIFECYCLE_PROBES', address: 'http://[::]:9000' },
        'probes listening at http://[::]:9000'
      ]
    ],
    [
      'a probe, at the level that is asked for',
      (log) => logProbe(log, 'debug', 'ready', 503),
      ['debug', { probe: 'ready', status: 503 }, "probe 'ready' answered with 503"]
    ],
    ['a probe that is to be silent: none', (log) => logProbe(log, 'silent', 'ready', 503), undefined],
    [
      'a crash that begins the shutdown',
      (log) => logCrash([log], 'uncaughtException', error, true),
      [
        'fatal',
        { code: 'LIFECYCLE_CRASH', err: error },
        'uncaughtException: shutting down, the exit code will be 1'
      ]
    ],
    [
      'a crash on the way',
      (log) => logCrash([log], 'unhandledRejection', error, false),
      [
        'error',
        { code: 'LIFECYCLE_CRASH', err: error },
        'unhandledRejection while shutting down: the shutdown goes on, the exit code will be 1'
      ]
    ],
    [
      'the last crash that is told',
      (log) => logLastCrash([log]),
      [
        'error',
        { code: 'LIFECYCLE_CRASH' },
        'too many errors that nobody caught: from here on they are counted, and neither logged nor reported'
      ]
    ],
    [
      'signals that others listen to',
      (log) => logContested(log, contenders),
      [
        'warn',
        { code: 'LIFECYCLE_SIGNAL_CONTESTED', signals: ['SIGTERM', 'SIGINT'], listeners: contenders },
        'something else in this process listens to SIGTERM and SIGINT as well (`() => process.exit(0)`, `bound stop`): if it ends the process, requests in flight are cut and hooks do not run. Remove that listener, or leave these signals to it with the option `signals`'
      ]
    ],
    [
      'a signal that comes again, and changes nothing',
      (log) => logRepeatedSignal([log], 'SIGTERM', 1_003.4, 'changes nothing'),
      [
        'info',
        { code: 'LIFECYCLE_SIGNAL_REPEATED', signal: 'SIGTERM', since: 1_003 },
        'SIGTERM came 1003 ms after the shutdown had begun: it changes nothing, and the shutdown goes on'
      ]
    ],
    [
      'a second SIGINT in the lame duck',
      (log) => logRepeatedSignal([log], 'SIGINT', 2_000, 'ends the lame duck'),
      [
        'info',
        { code: 'LIFECYCLE_SIGNAL_REPEATED', signal: 'SIGINT', since: 2_000 },
        'SIGINT came 2000 ms after the shutdown had begun: the lame duck ends now. The next SIGINT ends the process at once, with exit code 1'
      ]
    ],
    [
      'a platform that kills too early',
      (log) => logMismatch(log, { ...mismatch, wanted: 10_000 }, 9_000),
      [
        'warn',
        { code: 'LIFECYCLE_DEADLINE_MISMATCH', ...mismatch, deadline: 9_000 },
        'PM2 kills this process 1600 ms after its signal, but `deadline` is 9000 ms: requests in flight may be cut, and hooks not run. Set `kill_timeout` of PM2 to 10000, or lower `deadline`'
      ]
    ],
    [
      'a platform that cannot be set',
      (log) => logMismatch(log, { platform: 'Heroku', kill: 30_000 }, 40_000),
      [
        'warn',
        { code: 'LIFECYCLE_DEADLINE_MISMATCH', platform: 'Heroku', kill: 30_000, deadline: 40_000 },
        'Heroku kills this process 30000 ms after its signal, but `deadline` is 40000 ms: requests in flight may be cut, and hooks not run. Lower `deadline`, since Heroku has no setting for it'
      ]
    ],
    [
      'a watchdog that is lost',
      (log) => logLostWatchdog(log, error),
      [
        'warn',
        { code: 'LIFECYCLE_NO_WATCHDOG', err: error },
        'there is no watchdog, because its thread could not be started: while the event loop turns, the deadline holds, but a process whose event loop is blocked will not be ended by `hardKill`'
      ]
    ],
    [
      'a listener that failed',
      (log) => logFailedListener(log, 'phase', error),
      [
        'error',
        { code: 'LIFECYCLE_LISTENER', event: 'phase', err: error },
        "a listener of the lifecycle's 'phase' event failed"
      ]
    ],
    [
      'a `longLived` that failed',
      (log) => logFailedLongLived(log, '/mcp', error),
      [
        'error',
        { code: 'LIFECYCLE_LONG_LIVED', route: '/mcp', err: error },
        'the function `longLived` of /mcp failed, so its requests are waited for like others'
      ]
    ]
  ]
  for (const [what, write, line] of cases) {
    test(what, () => {
      const { lines, log } = aLogger()
      write(log)
      assert.deepEqual(lines, line === undefined ? [] : [line])
    })
  }

  const quiet: readonly [phase: Phase, given: Partial<PhaseFacts>, level: string][] = [
    ['draining', { isIdle: true, inFlight: 0 }, 'debug'],
    ['draining', { isIdle: true, handsOver: true }, 'info'],
    ['draining', { isIdle: false, inFlight: 0 }, 'info'],
    ['closing', { cut: 0, hooks: 0 }, 'debug'],
    ['closing', { cut: 1, hooks: 0 }, 'info'],
    ['closing', { cut: 0, hooks: 1 }, 'info'],
    ['lameDuck', { isIdle: true, inFlight: 0, cut: 0, hooks: 0 }, 'info']
  ]
  for (const [phase, given, level] of quiet) {
    test(`the phase ${phase} has the level ${level} with ${JSON.stringify(given)}`, () => {
      const { lines, log } = aLogger()
      logPhase(log, phase, { ...facts, ...given })
      assert.equal(lines[0]?.[0], level)
    })
  }

  test('app.close() has no deadline', () => {
    const { lines, log } = aLogger()
    logPhase(log, 'lameDuck', { ...facts, reason: { type: 'close' } })
    assert.equal(
      lines[0]?.[2],
      'shutting down because of app.close(): not ready any more, 3 requests in flight'
    )
  })

  const reasons: readonly [reason: PhaseFacts['reason'], name: string][] = [
    [{ type: 'close' }, 'app.close()'],
    [{ type: 'shutdown' }, 'lifecycle.shutdown()'],
    [{ type: 'shutdown', message: 'enough' }, 'lifecycle.shutdown(): enough'],
    [{ type: 'uncaughtException', error }, 'uncaughtException']
  ]
  for (const [reason, name] of reasons) {
    test(`a shutdown that began with ${name}`, () => {
      const { lines, log } = aLogger()
      logPhase(log, 'lameDuck', { ...facts, reason, inFlight: 0 })
      assert.match(String(lines[0]?.[2]), /^shutting down because of .*, 0 requests in flight/)
      assert.ok(lines[0]?.[2].startsWith(`shutting down because of ${name}: `))
    })
  }
})

describe('the option `log`', () => {
  const linesWith = (settings: LogSettings, report = clean) => {
    const { lines, log } = aLogger()
    setStyle(log, { level: settings.level, isBare: false })
    logPhase(log, 'draining', facts)
    logHook(log, hook, undefined)
    logHook(log, { ...hook, outcome: 'timeout' }, error)
    logReport(log, settings.report, report, true)
    return lines
  }
  const levelsOf = (lines: readonly Line[]) => lines.map(([level]) => level)

  test('sets the level of all that went well, the last line too, and what went wrong stays an error', () => {
    assert.deepEqual(levelsOf(linesWith({ level: 'debug', report: 'auto' })), [
      ...['debug', 'debug', 'error', 'debug']
    ])
    assert.deepEqual(levelsOf(linesWith({ level: 'warn', report: 'auto' }, failed)), [
      ...['warn', 'warn', 'error', 'error']
    ])
  })

  test("with 'silent' leaves only what went wrong", () => {
    assert.deepEqual(levelsOf(linesWith({ level: 'silent', report: 'full' })), ['error'])
    assert.deepEqual(levelsOf(linesWith({ level: 'silent', report: 'auto' }, failed)), ['error', 'error'])
  })

  test('decides how much of the report the last line carries', () => {
    const hasReport = (report: LogSettings['report'], which: Report) =>
      Object.hasOwn(linesWith({ level: 'info', report }, which).at(-1)?.[1] ?? {}, 'report')
    const cases = (['summary', 'auto', 'full'] as const).map((how) => [
      ...[how, hasReport(how, clean), hasReport(how, failed)]
    ])
    assert.deepEqual(cases, [
      ['summary', false, false],
      ['auto', false, true],
      ['full', true, true]
    ])
  })

  test('leaves the flat fields plain: no object, no list, and no signal where there was none', () => {
    const fields = flatReport({ ...failed, reason: { type: 'close' } })
    assert.ok(Object.values(fields).every((value) => typeof value !== 'object'))
    assert.equal('signal' in fields, false)
    const many = Array.from({ length: 40 }, (_, index) => ({ ...hook, name: `${index}${'n'.repeat(190)}` }))
    const hooks = many.map((each) => ({ ...each, outcome: 'error' as const }))
    const { failedHooks } = flatReport({ ...failed, hooks })
    assert.ok(Buffer.byteLength(String(failedHooks)) <= 1_000)
    assert.ok(failedHooks?.endsWith('…'))
  })
})

describe('a logger that throws', () => {
  const broken = {
    info() {
      throw new Error('the logger has ended')
    }
  } as unknown as FastifyBaseLogger

  test('stops nothing: the line goes to stderr', (t) => {
    const texts = stderr(t)
    say(broken, 'info', { code: 'LIFECYCLE_PHASE' }, 'closed')
    assert.deepEqual(texts, ['2: closed\n'])
  })

  test('does not lose the error of the line, whatever was thrown', (t) => {
    const texts = stderr(t)
    say(broken, 'info', { err: 'a string' }, 'crash')
    say(
      broken,
      'info',
      { err: Object.assign(new Error('no'), { stack: 'Error: no', code: 'E_NO' }) },
      'crash'
    )
    assert.equal(texts[0], '2: crash\na string\n')
    assert.match(String(texts[1]), /^2: crash\nError: no\n$/)
  })

  test('stops nothing where stderr is gone too', (t) => {
    stderr(t, () => {
      throw new Error('EPIPE')
    })
    say(broken, 'info', {}, 'closed')
  })
})

describe('a line that must be seen', () => {
  /** A logger of Fastify's with its lines. */
  function fastifyLogger(level: string) {
    const lines: string[] = []
    const { log } = Fastify({ logger: { level, stream: { write: (line: string) => lines.push(line) } } })
    return { log, texts: () => lines.map((line) => JSON.parse(line).msg) }
  }

  test('goes to the first logger that logs its level, and to no other', (t) => {
    const texts = stderr(t)
    const [off, silent] = [Fastify({ logger: false }).log, fastifyLogger('silent')]
    const [fatal, first, second] = [fastifyLogger('fatal'), fastifyLogger('error'), fastifyLogger('trace')]
    sayToFirst([off, silent.log, fatal.log, first.log, second.log], 'error', {}, 'crash')
    sayToFirst([off, silent.log, fatal.log, first.log, second.log], 'fatal', {}, 'the end')
    assert.deepEqual(
      [silent, fatal, first, second].map((one) => one.texts()),
      [[], ['the end'], ['crash'], []]
    )
    assert.deepEqual(texts, [])
  })

  test('goes to a logger that logs everything', () => {
    const { log, texts } = fastifyLogger('trace')
    sayToFirst([log], 'error', {}, 'crash')
    assert.deepEqual(texts(), ['crash'])
  })

  test('goes to stderr with its error where no logger logs anything, or there is none', (t) => {
    const texts = stderr(t)
    sayToFirst(
      [Fastify({ logger: false }).log, fastifyLogger('silent').log],
      'fatal',
      { err: 'why' },
      'crash'
    )
    sayToFirst([], 'error', {}, 'the end')
    assert.deepEqual(texts, ['2: crash\nwhy\n', '2: the end\n'])
  })
})

describe('what all lines of a logger carry', () => {
  test('is known of pino', () => {
    const { log } = Fastify({ logger: { level: 'silent' } })
    assert.equal(bindingsOf(log.child({ service: 'orders' }))['service'], 'orders')
  })

  test('is nothing where the logger cannot say so, or fails', () => {
    const failing = {
      bindings() {
        throw error
      }
    }
    for (const log of [{}, { bindings: () => undefined }, failing]) {
      assert.deepEqual(bindingsOf(log as unknown as FastifyBaseLogger), {})
    }
  })
})

test('one more than what has a line of its own is one in the line', () => {
  const { lines, log } = aLogger()
  for (const others of [0, 1, 2]) logOthers(log, 'requests', others)
  assert.deepEqual(
    lines.map(([, , text]) => text),
    ['1 more request cut: not answered in time', '2 more requests cut: not answered in time']
  )
})

describe('the lines after a Ctrl-C', () => {
  const ctrlC = { type: 'signal', signal: 'SIGINT' } as const
  const isTerminal = () => true

  test('at a terminal have no fields, unless something is wrong', () => {
    const { lines, log } = aLogger()
    setStyle(log, styleFor(usual, ctrlC, isTerminal))
    say(log, 'info', { code: 'LIFECYCLE_PHASE' }, 'closed')
    say(log, 'error', { code: 'LIFECYCLE_CUT' }, 'cut')
    assert.deepEqual(lines, [
      ['info', {}, 'closed'],
      ['error', { code: 'LIFECYCLE_CUT' }, 'cut']
    ])
  })

  test('have their fields where a machine may read them', () => {
    const isBare = (...given: Parameters<typeof styleFor>) => styleFor(...given).isBare
    assert.equal(isBare(usual, ctrlC, isTerminal), true)
    assert.equal(
      isBare(usual, ctrlC, (descriptor) => descriptor !== 2),
      false
    )
    assert.equal(isBare(usual, { type: 'signal', signal: 'SIGTERM' }, isTerminal), false)
    assert.equal(isBare(usual, { type: 'close' }, isTerminal), false)
    assert.equal(isBare({ level: 'info', report: 'summary' }, ctrlC, isTerminal), false)
  })
})

describe('a logger that is not pino', () => {
  const failure = Object.assign(new Error('no', { cause: new TypeError('why') }), { code: 'ECODE' })

  test('gets an error as an object that JSON can carry, with its cause', () => {
    const { lines, log } = aLogger()
    Reflect.deleteProperty(log, Symbol.for('pino.serializers'))
    say(log, 'error', { err: failure }, 'failed')
    const [[, fields, text] = []] = lines
    const { err } = JSON.parse(JSON.stringify(fields))
    assert.equal(text, 'failed')
    assert.deepEqual([err.type, err.message, err.code], ['Error', 'no', 'ECODE'])
    assert.deepEqual([err.cause.type, err.cause.message], ['TypeError', 'why'])
    assert.match(err.stack, /log\.test/)
  })

  test('gets what is no error as text', () => {
    const { lines, log } = aLogger()
    Reflect.deleteProperty(log, Symbol.for('pino.serializers'))
    say(log, 'error', { err: 'a text' }, 'failed')
    assert.deepEqual(lines, [['error', { err: 'a text' }, 'failed']])
  })

  test('of winston gets the text among the fields', () => {
    const { lines, log } = aLogger()
    Reflect.deleteProperty(log, Symbol.for('pino.serializers'))
    Object.assign(log, { transports: [] })
    say(log, 'error', { code: 'LIFECYCLE_HOOK', err: failure }, 'failed')
    const [[, fields, text] = []] = lines
    const { message, code, err } = fields as { message: string; code: string; err: { message: string } }
    assert.deepEqual([message, code, err.message, text], ['failed', 'LIFECYCLE_HOOK', 'no', undefined])
  })
})

describe('the report of a shutdown that was not clean', () => {
  const silent = () => {
    const { log } = aLogger()
    for (const level of levels) Object.assign(log, { [level]: log.trace })
    return log
  }

  test('goes to stderr where there is no logger and the process ends', (t) => {
    const texts = stderr(t)
    logReport(silent(), 'auto', failed, true)
    assert.deepEqual(texts, [`2: ${failed.summary}\n`])
  })

  test('does not where the process goes on, or where all is well', (t) => {
    const texts = stderr(t)
    logReport(silent(), 'auto', failed, false)
    logReport(silent(), 'auto', clean, true)
    assert.deepEqual(texts, [])
  })
})
