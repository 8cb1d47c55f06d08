import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkFiles, type How, said } from '../../../support/check.ts'

const run = (text: string, how: How = {}) => checkFiles({ 'nginx.conf': text }, how)
const check = (text: string, how?: How) => said(run(text, how))
const slow = { options: { deadline: 40_000, lameDuck: 20_000 } }
const next = 'proxy_next_upstream error timeout http_503;'
const conf = (servers: string, more = next, outer = '') => `upstream orders {
${servers}
}
${outer}
server {
  location / {
    proxy_pass http://orders;
    ${more}
  }
}`
const two = 'server a:3000 fail_timeout=3s; server b:3000 fail_timeout=3s;'

describe('the upstreams of nginx', () => {
  test('must be back before the next server ends', () => {
    assert.deepEqual(check(conf(two), slow), [])
    assert.deepEqual(check(conf(two)), ['2 lame-duck-too-short warning'])
    const lameDuck = (servers: string, ms: number) =>
      check(conf(servers), { options: { deadline: 900_000, lameDuck: ms } })
    assert.deepEqual(lameDuck(two, 5_000), [])
    assert.deepEqual(lameDuck(two, 4_999), ['2 lame-duck-too-short warning'])
    assert.deepEqual(lameDuck('server a;\nserver b fail_timeout=1s;', 11_999), [
      '2 lame-duck-too-short warning'
    ])
    assert.deepEqual(lameDuck('server a fail_timeout=500ms;\nserver b fail_timeout=1m;', 61_999), [
      '3 lame-duck-too-short warning'
    ])
    assert.deepEqual(lameDuck('server a max_fails=0; server b max_fails=0;', 0), [])
    assert.deepEqual(lameDuck('server a; server b backup; server c down;', 0), [], 'there is nobody else')
  })

  test('must try another server after a 503', () => {
    assert.deepEqual(check(conf(two, ''), slow), ['7 readiness-ignored warning'])
    const found = run(conf(two, 'proxy_next_upstream error;'), slow)
    assert.deepEqual(said(found), ['8 readiness-ignored warning'])
    assert.equal(found.findings[0]?.write, 'Write `proxy_next_upstream error http_503`')
    assert.deepEqual(check(conf(two, 'proxy_next_upstream off;'), slow), ['8 readiness-ignored warning'])
    assert.deepEqual(
      check(conf(two, '', `http { ${next} }`), slow),
      ['7 readiness-ignored warning'],
      'another block'
    )
    assert.deepEqual(check(conf(two, `${next} proxy_next_upstream_tries 1;`), slow), [
      '8 readiness-ignored warning'
    ])
    assert.deepEqual(check(conf(two, 'proxy_next_upstream error http_503 non_idempotent;'), slow), [
      '8 request-repeated warning'
    ])
    assert.deepEqual(check(`http {\n${next}\n${conf(two, '')}\n}`, slow), [])
  })

  test('must lead to the port of the app', () => {
    assert.deepEqual(check(conf(two), { ...slow, port: 3_000 }), [])
    assert.deepEqual(check(conf(two), { ...slow, port: 4_000 }), ['1 port-unserved warning'])
    const direct =
      'server { location / { proxy_pass http://localhost:3000/; } location /b { proxy_pass https://127.0.0.1; } }'
    assert.deepEqual(check(direct, { port: 4_000 }), ['1 port-unserved warning'])
    assert.deepEqual(check(direct, { port: 4_000, apps: ['orders'] }), [])
    assert.deepEqual(check(direct), [])
  })

  test('may be of something else', () => {
    const left = (text: string, how?: How) => run(text, how).leftOut.map(({ line, why }) => `${line} ${why}`)
    assert.deepEqual(
      left(`upstream php { server php:9000; }\nupstream x { server y; }\n${conf(two)}`, slow),
      ['1 its name is php', '2 no `proxy_pass` leads to it']
    )
    assert.deepEqual(left('upstream x { server y; }', slow), [])
    assert.deepEqual(left(conf(two), { apps: ['b'] }), [])
    assert.deepEqual(left(conf(two), { apps: ['c'] }), ['1 another was named with --app'])
    assert.deepEqual(check(conf(two), { options: { lameDuck: 20_000 } }), ['1 options-impossible error'])
  })
})

describe('the language of nginx', () => {
  test('has comments, quotes, variables and lines that go on', () => {
    const text = `# a { comment\nmap $x $y {\n  "~a;b" 'c\nd'; default \${z};\n  ; }\nupstream\n  orders\n{ server "a:3000"\n fail_timeout=3s; server b\\;c; }\n${conf('').slice(conf('').indexOf('server {'))}`
    assert.deepEqual(check(text), ['9 lame-duck-too-short warning'])
  })

  test('must be whole', () => {
    assert.deepEqual(check(`}\n${conf(two)}`, slow), ['1 cannot-be-read warning'])
    assert.deepEqual(check(`http {\n${conf(two)}`, slow), ['11 cannot-be-read warning'])
    assert.deepEqual(check(`${'a {'.repeat(90)} upstream x { server \\`, { ...slow, format: 'nginx' }), [
      '1 cannot-be-read warning'
    ])
    assert.deepEqual(check('', { format: 'nginx' }), [])
  })
})
