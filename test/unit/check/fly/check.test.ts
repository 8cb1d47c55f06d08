import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkFiles, type How, said } from '../../../support/check.ts'

const run = (text: string, how: How = {}) => checkFiles({ 'fly.toml': text }, how)
const check = (text: string, how?: How) => said(run(text, how))
const good = 'app = "orders"\nkill_timeout = 10\n'

describe('an app on Fly', () => {
  test('must have its time, which is 5 s where it is not written', () => {
    assert.deepEqual(check(good), [])
    assert.deepEqual(check('app = "orders"'), ['1 grace-too-short error'])
    assert.deepEqual(check('\nkill_timeout = "9500ms"'), ['2 grace-too-short warning'])
    assert.deepEqual(check('kill_timeout = "1m"'), [])
    assert.deepEqual(check('kill_timeout = "10"'), [])
    assert.deepEqual(check('kill_timeout = "soon"'), ['1 cannot-be-read warning'])
    assert.deepEqual(check('kill_timeout = 2026-01-01'), ['1 grace-too-short error'])
    assert.deepEqual(check('kil_timeout = 10'), ['1 grace-too-short error', '1 key-misspelt error'])
  })

  test('must have it at the top: below a table it belongs to that', () => {
    assert.deepEqual(check('[env]\n  A = "b"\n  kill_timeout = 60\n  "kill_signal" = "SIGTERM"'), [
      '1 grace-too-short error',
      '3 key-misplaced error',
      '4 key-misplaced error'
    ])
  })

  test('must hear the signal, which is SIGINT where it is not written', () => {
    assert.deepEqual(check(good, { options: { signals: ['SIGTERM'] } }), ['1 signal-unheard error'])
    assert.deepEqual(check(`${good}kill_signal = "SIGTERM"`), [])
    assert.deepEqual(check(`${good}kill_signal = "SIGQUIT"`), ['3 signal-unheard error'])
    assert.match(run(`${good}kill_signal = "SIGKILL"`).findings[0]?.write ?? '', /`kill_signal = "SIGTERM"`/)
  })

  test('must be started itself', () => {
    assert.deepEqual(
      check(`${good}[processes]\napp = "npm start"\nworker = "node worker.js"\nother = ""\nx = "./x"`),
      ['4 signal-not-reached warning']
    )
    assert.deepEqual(check(`${good}[experimental]\ncmd = ["yarn", "start", 1]\nauto_rollback = true`), [
      '4 signal-not-reached error'
    ])
  })

  test('must be asked for its readiness', () => {
    const http =
      '[http_service]\ninternal_port = 3000\n[[http_service.checks]]\npath = "/livez"\n[[http_service.checks]]\npath = "/readyz"\n'
    assert.deepEqual(check(good + http), ['6 probe-kind error'])
    const services =
      '[[services]]\ninternal_port = 1\n[[services.http_checks]]\ninterval = 1\n[[services]]\n[[services.http_checks]]\n  path = "/x"\n'
    assert.deepEqual(check(good + services), ['5 probe-path warning', '9 probe-path warning'])
    assert.deepEqual(
      check(
        `${good}[checks.alive]\ntype = "http"\npath = "/readyz"\nport = 3000\n[checks.open]\ntype = "tcp"`
      ),
      []
    )
  })

  test('must be asked at its port', () => {
    const port = '[http_service]\ninternal_port = 3000\n'
    assert.deepEqual(check(good + port, { port: 3_000 }), [])
    assert.deepEqual(check(good + port, { port: 8_080 }), ['4 port-unserved warning'])
    assert.deepEqual(check(`${good}${port}[env]\nPORT = "8080"`), ['4 port-unserved warning'])
    assert.deepEqual(check(`${good}http_service.internal_port = 3000\nenv = { PORT = 8080 }`), [
      '3 port-unserved warning'
    ])
  })

  test('may have a file that is no TOML, or options that are impossible', () => {
    assert.deepEqual(check('a = 1\nb ='), ['2 cannot-be-read warning'])
    assert.deepEqual(check(good, { options: { lameDuck: 20_000 } }), ['1 options-impossible error'])
    assert.deepEqual(checkFiles({ 'pyproject.toml': 'a = 1' }, { inFolder: true }).checked, [])
  })
})
