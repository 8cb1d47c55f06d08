import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkFiles, type How, said } from '../../../support/check.ts'

type Files = Readonly<Record<string, string>>

const unit = (...lines: string[]) => ['[Service]', ...lines].join('\n')
const node = 'ExecStart=/usr/bin/node /srv/orders/server.js'
const result = (files: Files | string, how: How = {}) =>
  checkFiles(typeof files === 'string' ? { 'orders.service': files } : files, how)
const check = (files: Files | string, how?: How) => said(result(files, how))
const places = (files: Files, how?: How) =>
  result(files, how).findings.map(({ file, line, rule, severity }) => `${file}:${line} ${rule} ${severity}`)
const leftOut = (files: Files | string, how?: How) =>
  result(files, how).leftOut.map(({ subject, why }) => `${subject}: ${why}`)
const remedies = (text: string) => result(text).findings.map(({ write }) => write)

describe('the time that systemd gives', () => {
  const stop = (value: string, how?: How, ...more: string[]) =>
    check(unit(node, ...more, `TimeoutStopSec=${value}`), how)

  test('must be longer than the deadline, and is 90 s where it is not written', () => {
    assert.deepEqual(check(unit(node)), [])
    assert.deepEqual(check(unit(node), { options: { deadline: 120_000 } }), ['2 grace-too-short error'])
    assert.deepEqual(stop('5'), ['3 grace-too-short error'])
    assert.deepEqual(stop('9500ms'), ['3 grace-too-short warning'])
    for (const time of [
      '10',
      '10s',
      '0.5min',
      '1min 30s',
      '10 sec',
      '9s 1000ms',
      '1h',
      '2 days',
      '1w',
      '1M',
      '1y',
      'infinity',
      '0',
      '10000000us'
    ]) {
      assert.deepEqual(stop(time), [], time)
    }
    assert.deepEqual(check(unit(node, 'TimeoutSec=5')), ['3 grace-too-short error'])
    assert.deepEqual(check(unit(node, 'TimeoutSec=5', 'TimeoutStopSec=30')), [])
    assert.match(remedies(unit(node, 'TimeoutStopSec=5'))[0] ?? '', /^Write `TimeoutStopSec=10`/)
  })

  test('may be asked for by the app', () => {
    const found = result(unit(node, 'Type=notify', 'NotifyAccess=all', 'TimeoutStopSec=5'))
    assert.deepEqual(said(found), ['5 grace-too-short warning'])
    assert.match(found.findings[0]?.follows ?? '', /asks for more time/)
  })

  test('has nothing behind it', () => {
    for (const time of ['90 # a minute and a half', 'soon', '10 parsecs', '-5'])
      assert.deepEqual(stop(time), ['3 cannot-be-read warning'], time)
  })

  test('is what the last line says; an empty one takes all back', () => {
    assert.deepEqual(stop('60', {}, 'TimeoutStopSec=5'), [])
    assert.deepEqual(stop('', {}, 'TimeoutStopSec=5'), [])
    assert.deepEqual(
      check(`${unit(node, 'TimeoutStopSec=5')}\n[Install]\nWantedBy=a\n[Service]\nTimeoutStopSec = 60`),
      []
    )
  })
})

describe('the stop signal of systemd', () => {
  test('must be one that the app listens to', () => {
    assert.deepEqual(check(unit(node, 'KillSignal=SIGINT')), [])
    assert.deepEqual(check(unit(node, 'KillSignal=QUIT')), ['3 signal-unheard error'])
    assert.deepEqual(check(unit(node, 'RestartKillSignal=SIGUSR1')), ['3 signal-unheard error'])
    assert.deepEqual(remedies(unit(node, 'KillSignal=9')), ['Write `KillSignal=SIGTERM`'])
    assert.deepEqual(check(unit(node), { options: { signals: ['SIGINT'] } }), ['2 signal-unheard error'])
    assert.deepEqual(check(unit(node, 'KillMode=none')), ['3 signal-unheard error'])
  })

  test('may be sent by a command', () => {
    const stop = (command: string) => check(unit(node, `ExecStop=${command}`))
    for (const command of [
      '/bin/kill -TERM $MAINPID',
      '/bin/kill -s INT $MAINPID',
      '/bin/kill $MAINPID',
      '/usr/bin/true',
      '/bin/kill'
    ]) {
      assert.deepEqual(stop(command), [], command)
    }
    for (const command of [
      '/bin/kill -9 $MAINPID',
      '-/bin/kill -s QUIT $MAINPID',
      '/usr/bin/pkill --signal=KILL node',
      'kill -SIGKILL 1',
      '/bin/sh -c kill -n 9 1'
    ]) {
      assert.deepEqual(stop(command), ['3 signal-unheard error'], command)
    }
    assert.deepEqual(check(unit(node, 'ExecStop=kill -9 1', 'ExecStop=')), [])
  })

  test('is followed by a kill, unless that is off', () => {
    assert.deepEqual(check(unit(node, 'SendSIGKILL=no')), ['3 kill-missing warning'])
    assert.deepEqual(check(unit(node, 'SendSIGKILL=false'), { options: { hardKill: false } }), [
      '3 kill-missing error'
    ])
    assert.deepEqual(check(unit(node, 'SendSIGKILL=yes')), [])
  })
})

describe('what a unit starts', () => {
  const npm = 'ExecStart=/usr/bin/npm start'

  test('may stand before the app as long as all processes get the signal', () => {
    assert.deepEqual(check(unit(npm)), [])
    assert.deepEqual(check(unit(npm, 'KillMode=control-group')), [])
    const mixed = result(unit(npm, 'KillMode=mixed'))
    assert.deepEqual(said(mixed), ['2 signal-not-reached warning'])
    assert.match(mixed.findings[0]?.follows ?? '', /^as soon as that has ended/)
    assert.match(
      result(unit('ExecStart=/bin/yarn start', 'KillMode=process')).findings[0]?.follows ?? '',
      /its port taken$/
    )
    assert.deepEqual(remedies(unit('ExecStart=/bin/sh -c "node a.js; true"', 'KillMode=mixed')), [
      'Start node itself: `ExecStart=node a.js`'
    ])
    assert.deepEqual(check(unit(npm, 'KillMode=none')), ['3 signal-unheard error'])
    assert.deepEqual(check(unit('ExecStart=/usr/bin/nodemon a.js')), ['2 signal-not-reached error'])
  })

  test('has marks before it, and quotes', () => {
    for (const command of [
      '-/usr/bin/node a',
      '@/usr/bin/node orders a',
      '+!/usr/bin/env node a',
      ':"/usr/bin/node" \'a b\'',
      '/usr/bin/bash -c "exec node a"'
    ]) {
      assert.deepEqual(leftOut(unit(`ExecStart=${command}`)), [], command)
      assert.deepEqual(check(unit(`ExecStart=${command}`, 'KillMode=mixed')), [], command)
    }
  })

  test('may be PM2, which has a time of its own', () => {
    assert.deepEqual(check(unit('ExecStart=/usr/bin/pm2-runtime a.js')), ['2 grace-too-short error'])
    assert.deepEqual(check(unit('ExecStart=/usr/lib/node_modules/pm2/bin/pm2 resurrect')), [
      '2 cannot-be-read note'
    ])
  })

  test('must be the app where systemd waits for a message', () => {
    assert.deepEqual(check(unit(node, 'Type=notify')), ['3 notify-unheard warning'])
    assert.deepEqual(check(unit(node, 'Type=notify-reload', 'NotifyAccess=main')), [
      '4 notify-unheard warning'
    ])
    assert.deepEqual(check(unit(node, 'Type=notify', 'NotifyAccess=all')), [])
    assert.deepEqual(check(unit(npm, 'Type=notify', 'NotifyAccess=all')), ['3 notify-unheard error'])
    assert.deepEqual(check(unit('ExecStart=tsx a.ts', 'Type=notify', 'NotifyAccess=all')), [
      '3 notify-unheard error'
    ])
    assert.deepEqual(check(unit(node, 'Type=simple')), [])
  })

  test('may be nothing of Node.js', () => {
    assert.deepEqual(
      leftOut(
        {
          'a.service': unit('ExecStart=/usr/bin/python3 a'),
          'b.service': unit('ExecStart=/opt/b'),
          'c.service': unit(node, 'Type=oneshot'),
          'd.service': unit('User=d'),
          'e.service': '[Unit]\nDescription=e'
        },
        { format: 'systemd' }
      ),
      [
        'Unit a.service: it starts python3',
        'Unit b.service: nothing in it says that it starts an app of Node.js',
        'Unit c.service: it runs to its end, and serves nobody',
        'Unit d.service: it starts nothing',
        'Unit e.service: it starts nothing'
      ]
    )
    assert.deepEqual(check(unit('ExecStart=/opt/b'), { apps: ['orders'] }), ['2 cannot-be-read note'])
    assert.deepEqual(leftOut(unit(node), { apps: ['b'] }), [
      'Unit orders.service: another was named with --app'
    ])
    assert.deepEqual(leftOut({ 'orders@1.service': unit(node) }, { apps: ['orders'] }), [])
  })
})

describe('the sockets of systemd', () => {
  const socket = (...lines: string[]) => ['[Socket]', 'ListenStream=3000', ...lines].join('\n')

  test('must keep what waits in their queue', () => {
    assert.deepEqual(check({ 'orders.service': unit(node), 'orders.socket': socket() }), [])
    const found = (...lines: string[]) =>
      places({ 'orders.socket': socket(...lines), 'orders.service': unit(node) })
    assert.deepEqual(found('Accept=yes'), ['orders.socket:3 socket-unused error'])
    assert.deepEqual(found('FlushPending=on', 'Accept=no'), ['orders.socket:3 update-gap warning'])
    assert.deepEqual(found('[Unit]', 'PartOf=other.service orders.service'), [
      'orders.socket:4 update-gap warning'
    ])
    assert.deepEqual(found('[Unit]', 'BindsTo=other.service'), [])
  })

  test('are given to what systemd starts', () => {
    const npm = unit('ExecStart=npm start', 'Sockets=web.socket')
    assert.deepEqual(places({ 'orders.service': npm, 'web.socket': socket() }), [
      'orders.service:2 socket-unused error'
    ])
    assert.deepEqual(
      places({
        'orders.service': unit('ExecStart=npm start'),
        'web.socket': socket('Service=orders.service')
      }),
      ['orders.service:2 socket-unused error']
    )
  })

  test('without their service are left out', () => {
    assert.deepEqual(leftOut({ 'orders.socket': socket() }), [
      'Socket orders.socket: its service is not among the files, or is no app'
    ])
  })
})

describe('the files of a unit', () => {
  test('may be drop-ins, in the order of their names', () => {
    const files = {
      'orders.service.d/20.conf': unit('TimeoutStopSec=5'),
      'orders.service.d/10.conf': unit(
        'TimeoutStopSec=60',
        'ExecStart=',
        'ExecStart=npm start',
        'KillMode=mixed'
      ),
      'orders.service': unit(node, 'TimeoutStopSec=1')
    }
    assert.deepEqual(places(files), [
      'orders.service.d/20.conf:2 grace-too-short error',
      'orders.service.d/10.conf:4 signal-not-reached warning'
    ])
  })

  test('may be drop-ins alone, whose unit says the rest', () => {
    const long = { options: { deadline: 120_000, signals: ['SIGINT'] } } as const
    assert.deepEqual(places({ 'orders.service.d/a.conf': unit('Nice=1') }, long), [])
    assert.deepEqual(places({ 'orders.service.d/a.conf': unit('TimeoutStopSec=5') }), [
      'orders.service.d/a.conf:2 grace-too-short error'
    ])
  })

  test('may follow each other in one text', () => {
    const text = `# /etc/systemd/system/orders.service\n${unit('ExecStart=npm start')}\n\n# /etc/systemd/system/orders.service.d/a.conf\n${unit('KillMode=mixed')}\n# /etc/systemd/system/orders.socket\n[Socket]\nAccept=1`
    assert.deepEqual(places({ '-': text }), [
      '-:3 signal-not-reached warning',
      '-:3 socket-unused error',
      '-:10 socket-unused error'
    ])
    assert.deepEqual(places({ '-': unit(node, 'TimeoutStopSec=5') }), ['-:3 grace-too-short error'])
    assert.deepEqual(leftOut({ '-': '[Socket]\nListenStream=1' }).length, 1)
  })

  test('have comments, continued lines, and lines that are neither', () => {
    const text = unit(
      '# ExecStart=npm start',
      '; KillMode=mixed',
      'ExecStart=/usr/bin/node \\',
      '# between',
      '  server.js \\',
      '; and',
      '  --a',
      '  TimeoutStopSec=5'
    )
    assert.deepEqual(check(text), ['9 grace-too-short error'])
    assert.deepEqual(check(unit(node, 'TimeoutStopSec 5')), ['3 cannot-be-read warning'])
    assert.deepEqual(check(`A=b\n${unit(node)}`), ['1 cannot-be-read warning'])
    assert.deepEqual(check(`${unit(node)} \\`), [])
  })

  test('have slips', () => {
    assert.deepEqual(check(unit(node, 'TimeoutStopSecs=5')), ['3 key-misspelt error'])
    assert.deepEqual(
      check(unit(node, 'MemoryMax=1G', 'ExecStartPre=/bin/true', 'ExecStartPros=/bin/true')),
      []
    )
    assert.deepEqual(check(`[Unit]\nKillMode=mixed\n${unit(node)}\n[Install]\nTimeoutStopSec=5`), [
      '2 key-misplaced error',
      '6 key-misplaced error'
    ])
    assert.deepEqual(check(`[X-Mine]\nKillMode=mixed\n${unit(node)}`), [])
  })

  test('are distinguished from other files', () => {
    const kind = (name: string, text: string) =>
      checkFiles({ [name]: text }, { inFolder: true }).checked.length
    assert.equal(kind('a.service', unit(node)), 1)
    assert.equal(kind('a.d/b.conf', unit(node)), 1)
    assert.equal(kind('nginx.conf', 'server {}'), 0)
    assert.equal(kind('a.txt', unit(node)), 0)
  })

  test('may be of an app whose options are impossible', () => {
    assert.deepEqual(check(unit(node), { options: { lameDuck: 20_000 } }), ['2 options-impossible error'])
  })
})
