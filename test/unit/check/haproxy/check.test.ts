import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkFiles, type How, said } from '../../../support/check.ts'

const run = (text: string, how: How = {}) => checkFiles({ 'haproxy.cfg': text }, how)
const check = (text: string, how?: How) => said(run(text, how))
const slow = { options: { deadline: 30_000, lameDuck: 10_000 } }
const backend = (...lines: string[]) => ['backend orders', '  mode http', ...lines].join('\n')
const http = 'option httpchk GET /readyz'
const server = 'server a 10.0.0.1:3000 check'

describe('the checks of HAProxy', () => {
  test('must ask the readiness of the app', () => {
    assert.deepEqual(check(backend(http, server), slow), [])
    assert.deepEqual(check(backend(server), slow), ['3 probe-kind warning'])
    assert.match(
      run(backend(server), { options: { lameDuck: 8_000, health: false } }).findings[0]?.write ?? '',
      /GET \/readyz/
    )
    assert.deepEqual(check(backend('server a 10.0.0.1:3000'), slow), ['3 probe-missing warning'])
    assert.deepEqual(
      check(backend(http, 'default-server check', 'server a 1.2.3.4', 'server-template b 1-3 c:80'), slow),
      []
    )
    assert.deepEqual(check(backend(http, 'default-server check', 'server a b no-check'), slow), [
      '5 probe-missing warning'
    ])
    assert.deepEqual(check(backend(http, server, 'server b c backup'), slow), [])
    assert.deepEqual(check(backend('option httpchk /health', server), slow), ['3 probe-path warning'])
    assert.deepEqual(check(backend('option httpchk', server), slow), ['3 probe-path warning'])
    assert.deepEqual(
      check(backend('option httpchk', 'http-check send meth GET uri "/livez" hdr Host a # x', server), slow),
      ['4 probe-kind error']
    )
    assert.deepEqual(check(backend(http, 'http-check send hdr Host a', server), slow), [])
  })

  test('must notice in time', () => {
    assert.deepEqual(check(backend(http, server)), ['4 lame-duck-too-short error'])
    assert.deepEqual(check(backend(http, server), { options: { handOver: true } }), [])
    const fast = (line: string, lameDuck: number) =>
      check(backend(http, 'timeout check 100ms', `${server} ${line}`), { options: { lameDuck } })
    assert.deepEqual(fast('inter 1s fastinter 400 fall 3', 1_900), [])
    assert.deepEqual(fast('inter 1s fastinter 400 fall 3', 1_899), ['5 lame-duck-too-short error'])
    assert.deepEqual(fast('inter soon fall x', 6_100), [])
    assert.deepEqual(check(backend(http, server), { options: { lameDuck: 7_999 } }), [
      '4 lame-duck-too-short error'
    ])
  })
})

describe('what HAProxy does with requests', () => {
  test('must not cut or repeat them', () => {
    assert.deepEqual(check(backend(http, `${server} on-marked-down shutdown-sessions`), slow), [
      '4 requests-cut error'
    ])
    assert.deepEqual(check(backend(http, 'retry-on all-retryable-errors', server), slow), [
      '4 request-repeated warning'
    ])
    assert.deepEqual(check(backend(http, 'retry-on conn-failure 503', server), slow), [])
    assert.deepEqual(
      check(backend(http, 'retry-on 502', 'http-request disable-l7-retry if METH_POST', server), slow),
      []
    )
  })

  test('must not lead to another port', () => {
    assert.deepEqual(check(backend(http, server), { ...slow, port: 3_000 }), [])
    assert.deepEqual(check(backend(http, server, 'server b c check'), { ...slow, port: 4_000 }), [
      '4 port-unserved warning'
    ])
  })
})

describe('the sections of HAProxy', () => {
  test('take what their defaults say', () => {
    const text = `global
  daemon
defaults base
  mode http
  ${http}
defaults from base
  default-server check inter 1s
defaults other
  mode tcp
backend a from base
  server a b check
  bad 'quote
listen b
  server a b
frontend c
  bind :80
backend d
  mode http
  # server x y
  option httplog # server x y
`
    const { findings, leftOut } = run(text, slow)
    assert.deepEqual(said({ findings }), [])
    assert.deepEqual(
      leftOut.map(({ line, why }) => `${line} ${why}`),
      ['13 it sends connections on, not requests']
    )
  })

  test('may be of something else', () => {
    const left = (text: string, how?: How) => run(text, how).leftOut.map(({ why }) => why)
    assert.deepEqual(left('backend redis\n mode http\n server a b'), ['its name is redis'])
    const two = `${backend(http, server)}\nbackend x\n mode http\n server y 10.0.0.9:80`
    assert.deepEqual(left(two, { ...slow, apps: ['10.0.0.1'] }), ['another was named with --app'])
    assert.deepEqual(check(two, { ...slow, apps: ['y'] }), ['7 probe-missing warning'])
    assert.deepEqual(check(backend(server), { options: { lameDuck: 20_000 } }), [
      '1 options-impossible error'
    ])
  })
})
