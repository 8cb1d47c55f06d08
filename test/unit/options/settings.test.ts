import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { LifecycleOptions } from '../../../index.ts'
import { settingsOf } from '../../../lib/options/settings.ts'
import { usualBody } from '../../../lib/requests/rejection.ts'

const kubernetes = { KUBERNETES_SERVICE_HOST: '10.0.0.1' }

function settings(options: object, env: NodeJS.ProcessEnv = {}) {
  return settingsOf(options as LifecycleOptions, env)
}

describe('defaults', () => {
  test('fit docker stop, which kills after ten seconds', () => {
    assert.deepEqual(settings({}), {
      deadline: 9_000,
      lameDuck: { max: 0, min: 0, probes: 0 },
      drainTimeout: 7_200,
      hookTimeout: 5_000,
      signals: ['SIGTERM', 'SIGINT'],
      crashes: true,
      retryAfter: [1, 5],
      rejection: usualBody,
      health: {
        live: '/livez',
        ready: '/readyz',
        startup: false,
        port: undefined,
        host: undefined,
        routes: true,
        details: false,
        openapi: false,
        logLevel: 'silent'
      },
      checks: {},
      websocket: { code: 1012, reason: 'service restart' },
      hooks: [],
      hardKill: { margin: 250, stall: undefined },
      exit: true,
      handOver: undefined,
      isLeaveSettled: false,
      log: { level: 'info', report: 'auto' },
      terminationLog: false
    })
  })

  test('fit Kubernetes where that is what runs the process', () => {
    const { deadline, lameDuck, drainTimeout } = settings({}, kubernetes)
    assert.deepEqual([deadline, lameDuck.max, drainTimeout], [25_000, 5_000, 16_000])
    assert.equal(settings({ deadline: 60_000 }, kubernetes).lameDuck.max, 5_000)
  })

  test('make themselves fit a deadline that is short', () => {
    const { lameDuck, drainTimeout } = settings({ deadline: 3_000 }, kubernetes)
    assert.deepEqual([lameDuck.max, drainTimeout], [600, 1_920])
    assert.equal(settings({ deadline: 3_000, drainTimeout: 2_900 }, kubernetes).lameDuck.max, 100)
  })

  test('leave the main thread half of a deadline that is short', () => {
    assert.deepEqual(settings({ deadline: 300 }).hardKill, { margin: 150, stall: undefined })
    assert.deepEqual(settings({ deadline: 300, hardKill: { stall: 50 } }).hardKill, {
      margin: 150,
      stall: 50
    })
  })

  test('leave crashes alone where signals are', () => {
    assert.equal(settings({ signals: false }).crashes, false)
    assert.equal(settings({ signals: false, crashes: true }).crashes, true)
  })
})

describe('an option that is undefined has its default', () => {
  const usual = settings({})

  test('each option of the plugin', () => {
    const { isLeaveSettled: _, ...options } = usual
    const names = Object.keys(options) as (keyof LifecycleOptions)[]
    for (const name of names) assert.deepEqual(settings({ [name]: undefined }), usual, name)
  })

  test('each part of an option', () => {
    const parts = { health: Object.keys(usual.health), websocket: ['code', 'reason'] }
    for (const [option, names] of Object.entries(parts)) {
      for (const name of names) assert.deepEqual(settings({ [option]: { [name]: undefined } }), usual, name)
    }
    assert.deepEqual(settings({ hardKill: { margin: undefined, stall: undefined } }), usual)
    assert.deepEqual(
      settings({ lameDuck: { max: 500, min: undefined, probes: undefined } }),
      settings({ lameDuck: { max: 500 } })
    )
  })

  test('each condition of a check and of a hook', () => {
    const check = () => true
    const conditions = { timeout: undefined, ttl: undefined, critical: undefined, probe: undefined }
    assert.deepEqual(
      settings({ checks: { db: { check, ...conditions } } }),
      settings({ checks: { db: check } })
    )
    const handler = () => {}
    const schedule = { name: undefined, phase: undefined, timeout: undefined, dependsOn: undefined }
    assert.deepEqual(settings({ hooks: [{ handler, ...schedule }] }), settings({ hooks: [{ handler }] }))
  })
})

describe('0 is a value', () => {
  test('for every time', () => {
    const { deadline, lameDuck, drainTimeout, hookTimeout } = settings({
      deadline: 0,
      lameDuck: 0,
      drainTimeout: 0,
      hookTimeout: 0
    })
    assert.deepEqual([deadline, lameDuck.max, drainTimeout, hookTimeout], [0, 0, 0, 0])
  })

  test('for Retry-After and for the number of probes', () => {
    assert.deepEqual(settings({ retryAfter: 0 }).retryAfter, [0, 0])
    assert.deepEqual(settings({ hardKill: { margin: 0 } }).hardKill, { margin: 0, stall: undefined })
    assert.equal(settings({ lameDuck: { max: 10, probes: 0 } }).lameDuck.probes, 0)
  })
})

describe('what is given is taken', () => {
  test('in each of its forms', () => {
    assert.deepEqual(settings({ lameDuck: 10 }).lameDuck, { max: 10, min: 10, probes: 0 })
    assert.deepEqual(settings({ lameDuck: { max: 10 } }).lameDuck, { max: 10, min: 0, probes: 1 })
    assert.deepEqual(settings({ lameDuck: { max: 10, min: 5, probes: 2 } }).lameDuck, {
      max: 10,
      min: 5,
      probes: 2
    })
    assert.deepEqual(settings({ retryAfter: [2, 3] }).retryAfter, [2, 3])
    assert.equal(settings({ retryAfter: false }).retryAfter, false)
    assert.deepEqual(settings({ websocket: { code: 4000, reason: '' } }).websocket, {
      code: 4000,
      reason: ''
    })
    assert.deepEqual(settings({ signals: false }).signals, [])
    assert.equal(settings({ hardKill: false }).hardKill, false)
    assert.deepEqual(settings({ hardKill: true }).hardKill, { margin: 250, stall: undefined })
    assert.deepEqual(settings({ deadline: 90, hardKill: { margin: 90, stall: 1 } }).hardKill, {
      margin: 90,
      stall: 1
    })
    const { live, ready, startup, routes } = settings({ health: false }).health
    assert.deepEqual([live, ready, startup, routes], [false, false, false, false])
    const health = {
      live: false,
      ready: '/r',
      startup: '/s',
      port: 0,
      host: '::1',
      routes: true,
      details: 'errors',
      openapi: true,
      logLevel: 'info'
    }
    assert.deepEqual(settings({ health }).health, health)
    assert.equal(settings({ health: { port: 9_000 } }).health.routes, false)
  })

  test('a window that fills the deadline, with a drain of no time', () => {
    assert.equal(settings({ deadline: 100, lameDuck: 100, drainTimeout: 0 }).lameDuck.max, 100)
  })
})

const bad: readonly [what: string, options: object, code: string, message: RegExp][] = [
  ['an unknown key', { dedline: 1 }, 'OPTION_UNKNOWN', /'dedline'. Did you mean 'deadline'\?/],
  ['an unknown key like no other', { zzz: 1 }, 'OPTION_UNKNOWN', /Known are: deadline, lameDuck/],
  ['an unknown key of health', { health: { path: '/' } }, 'OPTION_UNKNOWN', /'health.path'/],
  ['an unknown key of lameDuck', { lameDuck: { max: 1, mox: 1 } }, 'OPTION_UNKNOWN', /Did you mean 'max'/],
  ['a string for a time', { deadline: '25s' }, 'OPTION_INVALID', /'deadline' must be .* the string '25s'/],
  ['null', { deadline: null }, 'OPTION_INVALID', /it is null/],
  ['a negative time', { hookTimeout: -1 }, 'OPTION_INVALID', /the number -1/],
  ['NaN', { drainTimeout: Number.NaN }, 'OPTION_INVALID', /NaN/],
  ['an infinite time', { deadline: Number.POSITIVE_INFINITY }, 'OPTION_INVALID', /Infinity/],
  ['more than a timer takes', { deadline: 2 ** 31 }, 'OPTION_INVALID', /2147483648/],
  ['a bigint', { deadline: 1n }, 'OPTION_INVALID', /the bigint 1n/],
  ['a lame duck of another kind', { lameDuck: true }, 'OPTION_INVALID', /max, min, probes/],
  ['a lame duck without its max', { lameDuck: {} }, 'OPTION_INVALID', /'lameDuck.max' .* undefined/],
  ['null for a lame duck', { lameDuck: null }, 'OPTION_INVALID', /null/],
  ['half a probe', { lameDuck: { max: 1, probes: 0.5 } }, 'OPTION_INVALID', /whole number of probes/],
  ['min above max', { lameDuck: { max: 1, min: 2 } }, 'BUDGET_IMPOSSIBLE', /'lameDuck.min' is 2 ms/],
  ['a signal that is none', { signals: ['SIGKILL'] }, 'OPTION_INVALID', /signals\[0\].*'SIGTERM'/],
  ['a signal outside an array', { signals: 'SIGTERM' }, 'OPTION_INVALID', /an array of signal names/],
  ['true for signals', { signals: true }, 'OPTION_INVALID', /the boolean true/],
  ['a string for a switch', { exit: 'no' }, 'OPTION_INVALID', /'exit' must be true or false/],
  ['a string for crashes', { crashes: 'no' }, 'OPTION_INVALID', /'crashes'/],
  ['a date for Retry-After', { retryAfter: new Date(0) }, 'OPTION_INVALID', /a range \[min, max\]/],
  ['half a second', { retryAfter: 0.5 }, 'OPTION_INVALID', /whole number of seconds/],
  ['a range of three', { retryAfter: [1, 2, 3] }, 'OPTION_INVALID', /the array \[ 1, 2, 3 \]/],
  ['a range that falls', { retryAfter: [2, 1] }, 'OPTION_INVALID', /not greater than its second/],
  ['true for health', { health: true }, 'OPTION_INVALID', /'health' must be an object/],
  ['an array for health', { health: [] }, 'OPTION_INVALID', /an array|the array/],
  ['a path without a slash', { health: { live: 'livez' } }, 'OPTION_INVALID', /a path such as '\/readyz'/],
  ['a port that is none', { health: { port: 70_000 } }, 'OPTION_INVALID', /0 to 65535/],
  ['a port in words', { health: { port: '9000' } }, 'OPTION_INVALID', /'health.port'.*the string '9000'/],
  ['a host without a port', { health: { host: '::' } }, 'OPTION_INVALID', /'health.port' must be set/],
  ['a host that is none', { health: { port: 1, host: '' } }, 'OPTION_INVALID', /'health.host'/],
  ['details of another kind', { health: { details: 'all' } }, 'OPTION_INVALID', /true, false or 'errors'/],
  ['a word for openapi', { health: { openapi: 'yes' } }, 'OPTION_INVALID', /'health.openapi'/],
  [
    'no place for the probes',
    { health: { routes: false } },
    'OPTION_INVALID',
    /'health.routes'.*`health: false`/
  ],
  ['a word for routes', { health: { routes: 'yes' } }, 'OPTION_INVALID', /'health.routes'/],
  ['an array of checks', { checks: [] }, 'OPTION_INVALID', /'checks' must be an object/],
  [
    'a startup probe on the path of another',
    { health: { startup: '/readyz' } },
    'PROBE_DUPLICATE',
    /health.ready.*health.startup/
  ],
  ['a log level that is none', { health: { logLevel: 'loud' } }, 'OPTION_INVALID', /'silent'/],
  [
    'two probes on one path',
    { health: { live: '/h', ready: '/h' } },
    'PROBE_DUPLICATE',
    /health.live.*health.ready/
  ],
  [
    'a close code that may not be sent',
    { websocket: { code: 1006 } },
    'OPTION_INVALID',
    /'websocket.code'.*1006/
  ],
  ['a close code that is no code', { websocket: { code: '1001' } }, 'OPTION_INVALID', /'websocket.code'/],
  ['a close code out of range', { websocket: { code: 5000 } }, 'OPTION_INVALID', /'websocket.code'/],
  ['a reason that is too long', { websocket: { reason: 'ü'.repeat(62) } }, 'OPTION_INVALID', /123 bytes/],
  ['a reason that is no string', { websocket: { reason: 1 } }, 'OPTION_INVALID', /'websocket.reason'/],
  ['a string for hardKill', { hardKill: 'yes' }, 'OPTION_INVALID', /'hardKill' must be true, false/],
  ['null for hardKill', { hardKill: null }, 'OPTION_INVALID', /'hardKill'/],
  ['an array for hardKill', { hardKill: [] }, 'OPTION_INVALID', /'hardKill'/],
  ['an unknown key of hardKill', { hardKill: { stal: 1 } }, 'OPTION_UNKNOWN', /Did you mean 'stall'/],
  ['a margin that is no time', { hardKill: { margin: '1' } }, 'OPTION_INVALID', /'hardKill.margin'/],
  ['a stall of nothing', { hardKill: { stall: 0 } }, 'OPTION_INVALID', /'hardKill.stall' .* more than 0 ms/],
  ['a stall that is no time', { hardKill: { stall: true } }, 'OPTION_INVALID', /'hardKill.stall'/],
  [
    'a margin longer than the deadline',
    { deadline: 100, hardKill: { margin: 101 } },
    'BUDGET_IMPOSSIBLE',
    /'hardKill.margin' is 101 ms/
  ],
  [
    'a level for the log',
    { log: 'debug' },
    'OPTION_INVALID',
    /'log' must be an object, but it is the string/
  ],
  ['an unknown key of log', { log: { lvl: 'info' } }, 'OPTION_UNKNOWN', /Did you mean 'level'/],
  [
    'a level of the log that there is not',
    { log: { level: 'off' } },
    'OPTION_INVALID',
    /'log.level' .*'silent'/
  ],
  [
    'an amount of the report that there is not',
    { log: { report: true } },
    'OPTION_INVALID',
    /'log.report' .*'auto'/
  ],
  ['hooks outside an array', { hooks: {} }, 'OPTION_INVALID', /an array of hooks/],
  [
    'times that do not fit',
    { deadline: 1_000, lameDuck: 600, drainTimeout: 500 },
    'BUDGET_IMPOSSIBLE',
    /'lameDuck' \(600 ms\) and 'drainTimeout' \(500 ms\) make 1100 ms, which is more than the 'deadline' of 1000 ms/
  ],
  ['a lame duck longer than the deadline', { deadline: 100, lameDuck: 200 }, 'BUDGET_IMPOSSIBLE', /200 ms/]
]

describe('a bad option is a coded error that says what to do:', () => {
  for (const [what, options, code, message] of bad) {
    test(what, () => {
      assert.throws(() => settings(options), { code: `FST_LIFECYCLE_${code}`, message })
    })
  }

  test('something too large to print is named by its kind', () => {
    assert.throws(() => settings({ deadline: { text: 'x'.repeat(100) } }), /it is an object/)
    assert.throws(() => settings({ deadline: () => 'x' }), /function/)
  })
})
