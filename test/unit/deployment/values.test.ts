import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import vm from 'node:vm'
import { parse } from 'yaml'
import {
  type Deployment,
  type DeploymentOptions,
  deploymentFor,
  type Platform
} from '../../../deployment/index.ts'
import type { LifecycleOptions } from '../../../index.ts'

const all = ['kubernetes', 'docker', 'compose', 'haproxy', 'nginx', 'systemd', 'pm2'] as const

/** Whether a warning of the platform says this. */
function warns(
  platform: Platform,
  pattern: RegExp,
  options: LifecycleOptions,
  place?: DeploymentOptions
): boolean {
  return deploymentFor(options, place)[platform].warnings.some((warning) => pattern.test(warning))
}

describe('deploymentFor', () => {
  test('knows the platforms by name', () => {
    assert.deepEqual(Object.keys(deploymentFor({})), all)
  })

  test('returns what cannot be changed', () => {
    const deployment = deploymentFor({})
    assert.ok(Object.isFrozen(deployment))
    assert.ok(Object.isFrozen(deployment.kubernetes.manifest.spec.template.spec.containers[0]))
    assert.equal(deployment.docker, deployment.docker)
  })

  test('uses what the plugin would use on each platform, wherever this runs', (t) => {
    process.env['KUBERNETES_SERVICE_HOST'] = '10.0.0.1'
    t.after(() => {
      delete process.env['KUBERNETES_SERVICE_HOST']
    })
    const deployment = deploymentFor({})
    const deadlines = all.map((name) => deployment[name].budget.deadline)
    assert.deepEqual(deadlines, [25_000, ...all.slice(1).map(() => 9_000)])
  })

  test('works out a platform when it is read, because options may fit one and not another', () => {
    const deployment = deploymentFor({ lameDuck: 10_000 })
    assert.equal(deployment.kubernetes.budget.lameDuck, 10_000)
    assert.throws(() => deployment.docker, { code: 'FST_LIFECYCLE_BUDGET_IMPOSSIBLE' })
  })

  const bad: readonly [what: string, place: object, message: RegExp][] = [
    ['an unknown option', { nam: 'x' }, /'nam'. Did you mean 'name'/],
    ['no object', [] as object, /'platform' must be an object/],
    [
      'a name that Kubernetes would refuse',
      { name: 'Orders!' },
      /'name' must be a name of lower-case letters/
    ],
    ['a name that ends in a hyphen', { name: 'a-' }, /'name'/],
    ['an image that is more than an image', { image: 'a; rm -rf /' }, /'image'/],
    ['an image that is no string', { image: 1 }, /'image'/],
    ['port 0', { port: 0 }, /'port' must be a port from 1 to 65535/],
    ['a port beyond the last', { port: 65_536 }, /'port'/],
    ['half a port', { port: 1.5 }, /'port'/],
    ['no hosts', { hosts: [] }, /'hosts' must be an array of at least one host/],
    ['one host outside an array', { hosts: 'a' }, /'hosts'/],
    ['a host that is more than a host', { hosts: ['a', 'b;'] }, /'hosts\[1\]'/],
    ['half a pod', { replicas: 0.5 }, /'replicas' must be a whole number of pods/],
    ['a grace that is no time', { grace: '30s' }, /'grace' must be a number of milliseconds/],
    ['probes that are no object', { probe: 1 }, /'probe' must be an object/],
    ['an unknown key of probe', { probe: { perod: 1 } }, /'probe.perod'. Did you mean 'period'/],
    ['no time between probes', { probe: { period: 0 } }, /'probe.period' must be more than 0/],
    ['half a failure', { probe: { failures: 0.5 } }, /'probe.failures' must be a whole number of probes/]
  ]
  for (const [what, place, message] of bad) {
    test(`refuses ${what}`, () => {
      assert.throws(() => deploymentFor({}, place), { code: /^FST_LIFECYCLE_OPTION_/, message })
    })
  }

  test('takes every host there is', () => {
    const hosts = ['10.0.0.7', 'a-1.example', '[2001:db8::1]']
    assert.match(deploymentFor({}, { hosts }).nginx.toText(), /server \[2001:db8::1\]:3000 max_fails/)
  })

  test('refuses options that are none', () => {
    assert.throws(() => deploymentFor(null as never), { code: 'FST_LIFECYCLE_OPTION_INVALID' })
  })
})

test('what is undefined has its default', () => {
  const plain = (options: DeploymentOptions) => JSON.stringify(deploymentFor({}, options))
  const nothing = {
    name: undefined,
    image: undefined,
    port: undefined,
    hosts: undefined,
    replicas: undefined
  }
  const probe = { period: undefined, timeout: undefined, failures: undefined }
  assert.equal(plain({ ...nothing, grace: undefined, probe }), plain({}))
  assert.equal(plain({ probe: { ...probe, period: 1_000 } }), plain({ probe: { period: 1_000 } }))
})

describe('a warning says', () => {
  test('that a stop signal is not listened to', () => {
    for (const platform of ['kubernetes', 'docker', 'compose', 'systemd', 'pm2'] as const) {
      assert.ok(warns(platform, /`signals` does not have it/, { signals: false }), platform)
      assert.ok(!warns(platform, /signals/, {}), platform)
    }
    assert.ok(warns('kubernetes', /stops the app with SIGTERM/, { signals: ['SIGINT'] }))
    assert.ok(warns('pm2', /stops the app with SIGINT/, { signals: ['SIGTERM'] }))
  })

  test('that a grace period is too short, and what would be enough', () => {
    const enough = { kubernetes: 15_000, docker: 11_000, compose: 11_000, systemd: 11_000, pm2: 11_000 }
    for (const [platform, needed] of Object.entries(enough) as [Platform, number][]) {
      const options = { deadline: 10_000 }
      const message = new RegExp(`Raise it to ${needed} ms, or lower \`deadline\` to 9000 ms`)
      assert.ok(warns(platform, message, options, { grace: needed - 1_000 }), platform)
      assert.ok(!warns(platform, /too short/, options, { grace: needed }), platform)
      assert.ok(!warns(platform, /too short/, { deadline: 9_000 }, { grace: needed - 1_000 }), platform)
    }
    assert.ok(warns('kubernetes', /Raise it to 6000 ms\.$/, { deadline: 1_000 }, { grace: 1_000 }))
  })

  test('that the lame duck is too short for probes that are settled', () => {
    const probe = { period: 10_000, timeout: 1_500, failures: 3 }
    const options = (lameDuck: number) => ({ deadline: 60_000, lameDuck })
    assert.ok(warns('haproxy', /at least 31500 ms/, options(31_499), { probe }))
    assert.ok(!warns('haproxy', /lameDuck/, options(31_500), { probe }))
  })

  test('that it takes less time where HAProxy asks faster once a check has failed', () => {
    const probe = { period: 1_000, timeout: 100, failures: 3, recheck: 200 }
    assert.ok(
      warns('haproxy', /need 1500 ms .*\(1000 ms, 2 × 200 ms and 100 ms/, { lameDuck: 1_499 }, { probe })
    )
    assert.ok(!warns('haproxy', /lameDuck/, { lameDuck: 1_500 }, { probe }))
    const { inter, fastinter, fall } = deploymentFor({ lameDuck: 2_100 }, { probe: { recheck: 500 } }).haproxy
    assert.deepEqual([inter, fastinter, fall], [1_200, 500, 2])
    const once = deploymentFor({ lameDuck: 500 }, { probe: { recheck: 500, failures: 1 } }).haproxy
    assert.deepEqual([once.inter, once.fastinter, once.fall, once.warnings], [400, 500, 1, []])
  })

  test('that the lame duck is too short for who sends requests in Kubernetes, whatever the kubelet probes', () => {
    const probe = { period: 10_000, timeout: 1_000, failures: 3, recheck: 1_000 }
    assert.ok(
      warns('kubernetes', /is 1999 ms, but some proxies .* at least 2000 ms/, { lameDuck: 1_999 }, { probe })
    )
    assert.ok(warns('kubernetes', /is 0 ms, but some proxies/, { lameDuck: 0, health: { ready: false } }))
    assert.ok(!warns('kubernetes', /lameDuck/, { lameDuck: 2_000 }, { probe }))
    assert.ok(!warns('kubernetes', /lameDuck/, { lameDuck: 10_000 }, { probe }))
  })

  test('that the kubelet, whose probes may end the lame duck, sends no requests', () => {
    const lameDuck = (probes: number, min = 0) => ({ lameDuck: { max: 5_000, min, probes } })
    const message = /after 1 failed probe of the kubelet.*`lameDuck.min` to at least 2000 ms/
    assert.ok(warns('kubernetes', message, lameDuck(1)))
    assert.ok(warns('kubernetes', /after 2 failed probes of the kubelet/, lameDuck(2, 1_999)))
    assert.ok(!warns('kubernetes', /lameDuck/, lameDuck(2, 2_000)))
  })

  test('that the lame duck may end before the probes are believed', () => {
    const lameDuck = (probes: number, min = 0) => ({ lameDuck: { max: 5_000, min, probes } })
    assert.ok(
      warns(
        'haproxy',
        /may end after 1 failed probe: .*`lameDuck.probes` to 2.*`lameDuck.min` to 5000/,
        lameDuck(1)
      )
    )
    assert.ok(!warns('haproxy', /lameDuck/, lameDuck(2)))
    assert.ok(!warns('haproxy', /lameDuck/, lameDuck(1, 5_000)))
    const probe = { period: 1_000, timeout: 1_000, failures: 3 }
    assert.ok(warns('haproxy', /after 2 failed probes: .*`lameDuck.probes` to 3/, lameDuck(2), { probe }))
  })

  test('that the lame duck is too short for nginx to have the last server back', () => {
    assert.ok(warns('nginx', /is 2999 ms, but .* for 3000 ms .*at least 3000 ms/, { lameDuck: 2_999 }))
    assert.ok(!warns('nginx', /lameDuck/, { lameDuck: 3_000 }))
  })

  test('that there is no readiness probe to find', () => {
    for (const platform of ['kubernetes', 'haproxy'] as const) {
      assert.ok(warns(platform, /`health.ready` is false/, { health: false }))
      assert.ok(warns(platform, /`health.port` is 0/, { health: { port: 0 } }))
      assert.ok(!warns(platform, /health/, { health: { port: 0, routes: true } }))
      assert.ok(!warns(platform, /health/, { health: { port: 9_000 } }))
    }
    assert.ok(!warns('haproxy', /lameDuck/, { health: { ready: false }, lameDuck: 0 }))
  })

  test('that a balancer before a container probes too seldom for the lame duck, where one is named', () => {
    const probe = { period: 10_000, failures: 3 }
    for (const platform of ['docker', 'compose'] as const) {
      assert.ok(warns(platform, /may need 31000 ms/, { deadline: 40_000, lameDuck: 10_000 }, { probe }))
      assert.ok(!warns(platform, /lameDuck/, { deadline: 60_000, lameDuck: 31_000 }, { probe }))
      assert.ok(!warns(platform, /lameDuck/, {}))
      assert.ok(warns(platform, /`health.ready` is false/, { health: { ready: false } }, { probe }))
    }
  })

  test('that a socket which is held is of no use without handOver', () => {
    assert.ok(warns('systemd', /`handOver` is false.*Leave `handOver` out/, { handOver: false }))
    for (const handOver of [undefined, true]) assert.ok(!warns('systemd', /handOver/, { handOver }))
  })

  test('that nothing is left for the hooks', () => {
    const full = { deadline: 6_000, lameDuck: 3_000, drainTimeout: 3_000 }
    for (const platform of ['kubernetes', 'docker', 'compose', 'systemd', 'pm2'] as const) {
      assert.ok(warns(platform, /take all of `deadline`/, full), platform)
      assert.ok(!warns(platform, /take all/, { ...full, drainTimeout: 2_999 }), platform)
    }
  })
})

describe('a note says', () => {
  const notes = (platform: Platform, options: LifecycleOptions) =>
    deploymentFor(options)[platform].notes.join('\n')

  test('what the platform would do by itself, only where that is too little', () => {
    assert.match(notes('kubernetes', { deadline: 25_001 }), /would be 30/)
    assert.doesNotMatch(notes('kubernetes', { deadline: 25_000 }), /would be 30/)
    assert.match(notes('compose', { deadline: 9_001 }), /kills after 10 s/)
    assert.doesNotMatch(notes('compose', { deadline: 9_000 }), /kills after 10 s/)
  })

  test('that no preStop hook is needed', () => {
    assert.match(notes('kubernetes', { lameDuck: 7_000 }), /preStop hook is not needed.* 7000 ms/)
  })

  test('what a closed port is good for, behind who retries', () => {
    assert.match(notes('haproxy', {}), /Without a `lameDuck`, set `handOver: true`/)
    assert.doesNotMatch(notes('haproxy', { lameDuck: 3_000 }), /handOver/)
    assert.match(
      notes('haproxy', { handOver: true }),
      /`handOver` closes the port at the signal.*No `lameDuck` is needed/
    )
    assert.ok(warns('haproxy', /`lameDuck` is 0 ms/, {}))
    assert.ok(!warns('haproxy', /lameDuck/, { handOver: true }))
    assert.match(notes('nginx', { handOver: true }), /meet a closed port.*also a POST/)
    assert.doesNotMatch(notes('nginx', {}), /closed port\. nginx sends these/)
  })

  test('how to lose no POST behind nginx', () => {
    assert.match(notes('nginx', {}), /write `down` .* reload nginx, and then send the signal/)
  })

  test('what the app needs for the socket that systemd holds', () => {
    const { notes } = deploymentFor({}, { port: 8080 }).systemd
    assert.ok(notes.some((note) => note.includes("app.listen(systemdSocket('http') ?? { port: 8080 })")))
  })

  test('what is left to the platform, or to the app', () => {
    for (const platform of ['kubernetes', 'docker', 'compose', 'systemd', 'pm2'] as const) {
      assert.match(notes(platform, { hardKill: false }), /`hardKill` is false/)
      assert.doesNotMatch(notes(platform, { hardKill: false }), /for `hardKill`/)
      assert.match(notes(platform, { exit: false }), /`exit` is false/)
      assert.doesNotMatch(notes(platform, {}), / is false/)
    }
    for (const platform of ['docker', 'compose'] as const) {
      assert.match(notes(platform, {}), /is for `hardKill`\. Without it, the app is the first process/)
    }
  })
})

describe('the text', () => {
  const text = (platform: Platform, options: LifecycleOptions = {}, place: DeploymentOptions = {}) =>
    deploymentFor(options, { name: 'orders', ...place })[platform].toText()
  /** Without comments, and the space around them. */
  const bare = (written: string) => written.replaceAll(/^(#|\/\/).*\n/gm, '').trim()

  test('has every warning and note as a comment, in lines that are not too long', () => {
    for (const platform of all) {
      const { warnings, notes } = deploymentFor({ signals: false, lameDuck: 10 })[platform]
      const written = text(platform, { signals: false, lameDuck: 10 })
      const comments = written.split('\n').filter((line) => /^(#|\/\/)/.test(line))
      const said = comments.map((line) => line.replace(/^(#|\/\/) +/, '')).join(' ')
      for (const warning of warnings) assert.ok(said.includes(`Warning: ${warning}`), `${platform}: ${said}`)
      for (const note of notes) assert.ok(said.includes(note), `${platform}: ${said}`)
      assert.ok(comments.every((line) => line.length <= 105))
    }
  })

  test('for Docker is a Dockerfile and two commands', () => {
    assert.equal(
      bare(text('docker', { deadline: 12_300 })),
      'STOPSIGNAL SIGTERM\nCMD ["node", "server.js"]\n\n' +
        'docker run --init --stop-timeout 14 --publish 3000:3000 --name orders orders:latest\ndocker stop -t 14 orders'
    )
    assert.match(text('docker', { hardKill: false }), /docker run --stop-timeout/)
    assert.match(text('docker', { signals: ['SIGBREAK', 'SIGHUP'] }), /STOPSIGNAL SIGHUP/)
    assert.match(text('docker', {}, { grace: 20_500 }), /docker stop -t 20 /)
  })

  test('for Compose is a file of one service', () => {
    const { file } = deploymentFor({ deadline: 12_300 }, { name: 'orders', port: 8080 }).compose
    assert.deepEqual(parse(text('compose', { deadline: 12_300 }, { port: 8080 })), file)
    assert.deepEqual(file.services['orders'], {
      image: 'orders:latest',
      init: true,
      stop_signal: 'SIGTERM',
      stop_grace_period: '14s',
      ports: ['8080:8080']
    })
  })

  test('for HAProxy is a backend', () => {
    assert.equal(
      bare(text('haproxy', { lameDuck: 500 }, { hosts: ['10.0.0.7', '10.0.0.8'] })),
      `backend orders
  mode http
  balance roundrobin
  option redispatch 1
  retries 3
  option httpchk
  http-check send meth GET uri /readyz hdr Host orders
  http-check expect status 200
  timeout check 100ms
  default-server check inter 200ms fastinter 200ms fall 2 rise 1
  server orders-1 10.0.0.7:3000
  server orders-2 10.0.0.8:3000`
    )
    assert.match(text('haproxy', { health: { port: 9_000 } }), /rise 1 port 9000\n/)
    assert.doesNotMatch(text('haproxy', { health: false }), /check/)
  })

  test('for nginx is an upstream and its use', () => {
    assert.equal(
      bare(text('nginx', { deadline: 20_000, lameDuck: 4_500 }, { hosts: ['10.0.0.7'] })),
      `upstream orders {
  zone orders 64k;
  server 10.0.0.7:3000 max_fails=1 fail_timeout=2s;
  keepalive 16;
}

server {
  listen 80;
  location / {
    proxy_pass http://orders;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_connect_timeout 2s;
    proxy_next_upstream error timeout http_503;
  }
}`
    )
    assert.match(text('nginx', { lameDuck: 0 }), /fail_timeout=1s/)
    assert.equal(deploymentFor({ lameDuck: 5_999 }).nginx.lameDuckAtLeast, 5_000)
  })

  test('for systemd is two units', () => {
    assert.equal(
      bare(text('systemd', { deadline: 60_000, signals: ['SIGINT'] })),
      `[Unit]
Description=The socket of orders

[Socket]
ListenStream=3000
FileDescriptorName=http

[Install]
WantedBy=sockets.target

[Unit]
Description=orders
Requires=orders.socket

[Service]
Type=notify
NotifyAccess=all
ExecStart=/usr/bin/node /srv/orders/server.js
KillMode=mixed
KillSignal=SIGINT
TimeoutStopSec=61
Restart=on-failure

[Install]
WantedBy=multi-user.target`
    )
    assert.match(text('systemd', {}, { grace: 90_000 }), /TimeoutStopSec=90\n/)
    assert.match(
      text('systemd', {}, { port: 8080 }),
      /# .*orders\.socket\n[^#]*ListenStream=8080\n[^#]*\n# .*orders\.service\n/
    )
  })

  test('for PM2 is an ecosystem file', () => {
    const module: { exports?: unknown } = {}
    vm.runInNewContext(text('pm2', { deadline: 1_500.5 }), { module })
    const app = {
      name: 'orders',
      script: './server.js',
      kill_timeout: 2_501,
      listen_timeout: 10_000,
      wait_ready: true
    }
    assert.deepEqual(JSON.parse(JSON.stringify(module.exports)), { apps: [app] })
    assert.match(text('pm2', {}, { grace: 12_345 }), /"kill_timeout": 12345/)
  })
})

test('a deployment is made of plain values', () => {
  const { kubernetes, pm2 }: Deployment = JSON.parse(JSON.stringify(deploymentFor({})))
  assert.equal(kubernetes.terminationGracePeriodSeconds, 30)
  assert.equal(pm2.app.kill_timeout, 10_000)
})
