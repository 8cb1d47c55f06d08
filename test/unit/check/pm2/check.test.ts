// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a program in a text
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkFiles, type How, said } from '../../../support/check.ts'

const run = (text: string, how: How = {}, name = 'ecosystem.config.js') => checkFiles({ [name]: text }, how)
const check = (text: string, how?: How, name?: string) => said(run(text, how, name))
const apps = (text: string) => `module.exports = {\n  apps: [{ script: 'a.js', ${text} }]\n}`

describe('the apps of PM2', () => {
  test('must have a time that is longer than the deadline', () => {
    assert.deepEqual(check(apps('kill_timeout: 10_000')), [])
    assert.deepEqual(check(apps('')), ['2 grace-too-short error'])
    assert.deepEqual(check(apps('kill_timeout: 9_500')), ['2 grace-too-short warning'])
    assert.deepEqual(check(apps("kill_timeout: '10s'")), [])
    assert.deepEqual(check(apps("kill_timeout: '1m'")), [])
    assert.deepEqual(check(apps("kill_timeout: '1h'")), [])
    assert.deepEqual(check(apps("kill_timeout: 'soon'")), ['2 cannot-be-read warning'])
    assert.deepEqual(check(apps('kill_timeout: process.env.TIME')), ['2 cannot-be-read warning'])
    assert.deepEqual(check(apps('kil_timeout: 10000')), ['2 grace-too-short error', '2 key-misspelt error'])
    assert.deepEqual(check(apps('kill_timeout: 1e4, wate_ready: true')), ['2 key-misspelt error'])
  })

  test('must have a time that can be read', () => {
    const reasons = (time: string) => run(apps(`kill_timeout: ${time}`)).findings.map(({ is }) => is)
    assert.deepEqual(reasons("'soon'"), ['This cannot be read: `kill_timeout` must be a number of ms'])
    assert.deepEqual(reasons('process.env.TIME'), [
      'This cannot be read: the program decides it when it runs'
    ])
  })

  test('must hear SIGINT', () => {
    assert.deepEqual(check(apps('kill_timeout: 10000'), { options: { signals: ['SIGTERM'] } }), [
      '2 signal-unheard error'
    ])
    assert.deepEqual(check(apps(''), { options: { lameDuck: 20_000 } }), ['2 options-impossible error'])
  })

  test('must be started themselves', () => {
    const started = (text: string) => check(`{"apps": [{"kill_timeout": 10000, ${text}}]}`, {}, 'pm2.json')
    assert.deepEqual(started('"script": "npm", "args": "start"'), ['1 signal-not-reached warning'])
    assert.deepEqual(started('"script": "npm start"'), ['1 signal-not-reached warning'])
    assert.deepEqual(started('"script": "yarn", "args": ["start"]'), ['1 signal-not-reached warning'])
    for (const text of [
      '"script": "./a.ts"',
      '"script": "./a"',
      '"script": "x", "interpreter": "none"',
      '"script": "x", "interpreter": "bun"',
      '"name": "x"'
    ]) {
      assert.deepEqual(started(text), [], text)
    }
  })

  test('may be of something else', () => {
    const text =
      '[{ "name": "a", "script": "a.py" }, { "name": "b", "script": "b.js" }, { "script": "x", "interpreter": "python3" }]'
    const left = (how?: How) =>
      run(text, { ...how, format: 'pm2' }, 'x.json').leftOut.map(({ subject, why }) => `${subject}: ${why}`)
    assert.deepEqual(left(), ['App a: it starts python', 'App x: it starts python3'])
    assert.deepEqual(left({ apps: ['a', 'x'] }), ['App b: another was named with --app'])
    const cron = run(apps("name: 'c', autorestart: false, cron_restart: '0 2 * * *'"))
    assert.deepEqual(
      cron.leftOut.map(({ why }) => why),
      ['it runs to its end, and serves nobody']
    )
    assert.deepEqual(check('apps:\n  - script: a.js\n', {}, 'process.yml'), ['2 grace-too-short error'])
    assert.deepEqual(check('script: a.js\nname: apps\n', {}, 'pm2.yaml'), ['1 grace-too-short error'])
    const kind = (name: string) => checkFiles({ [name]: apps("script: 'a.js'") }, { inFolder: true }).checked
    for (const name of ['ecosystem.config.test.js', 'pm2.spec.ts']) assert.deepEqual(kind(name), [], name)
    assert.equal(kind('ecosystem.testing.config.js').length, 1)
  })
})

describe('a program that is read and not run', () => {
  test('may be written in many ways', () => {
    const before =
      'const seconds = 1000, x = { a: 1 }\nconst time = 10 * seconds\nlet common = { kill_timeout: time }\n'
    for (const program of [
      'export default { "apps": [ { script: `a.js`, kill_timeout: time, }, ] }',
      "module.exports.apps = 1; module.exports = { deploy: { a: [1, 'x]', /[/] }, f() { return { b } }, apps: [{ script: 'a.js', env: { ...process.env, A: `${b}`, [c]: 1 }, kill_timeout: 10 * seconds }] }",
      "/* apps: */ const apps: App[] = [{ script: 'a\\'s.js', kill_timeout: 10 * 1000 /* ms */ }] as const\nmodule.exports = { apps }",
      "const list = [\n  { kill_timeout: seconds * 10, script: require('path').join(__dirname, 'a.js'), }\n]\nmodule.exports = { apps: list }",
      "const kill_timeout = 10000\nmodule.exports = { apps: [{ kill_timeout, script: 'a.js', null: null, undefined: undefined, on: true, off: false }] } satisfies Config"
    ]) {
      assert.deepEqual(check(before + program), [], program)
    }
  })

  test('is said to be one where it decides', () => {
    assert.deepEqual(check('// apps\nmodule.exports = make()'), ['1 cannot-be-read warning'])
    assert.deepEqual(check('\nmodule.exports = { apps: make() }'), ['2 cannot-be-read warning'])
    assert.deepEqual(check('\nmodule.exports = { apps }'), ['2 cannot-be-read warning'])
    assert.deepEqual(check('module.exports = {\n apps: [make(),\n ...more,\n {}] }'), [
      '2 cannot-be-read warning',
      '3 cannot-be-read warning',
      '4 grace-too-short error'
    ])
    assert.deepEqual(check(apps('kill_timeout: 10 * n')), ['2 cannot-be-read warning'])
    assert.deepEqual(check(`const a = b\nconst b = a\n${apps('kill_timeout: a')}`), [
      '4 cannot-be-read warning'
    ])
    assert.deepEqual(check(apps('kill_timeout: 10000 + 1')), ['2 cannot-be-read warning'])
    assert.deepEqual(check(apps('kill_timeout: f({ a: [1] }, ")") || 1')), ['2 cannot-be-read warning'])
    assert.deepEqual(check('module.exports = { apps: [{ script: "a'), ['1 grace-too-short error'])
    assert.deepEqual(check(`module.exports = { apps: ${'['.repeat(200)}`).length > 0, true)
    assert.deepEqual(check('apps: *', {}, 'pm2.yml'), ['1 cannot-be-read warning'])
    assert.deepEqual(check('{ "apps": !x [] }', {}, 'pm2.json'), ['1 cannot-be-read warning'])
  })
})
