import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { UsageError } from '../../../command/command.ts'
import { readAsked } from '../../../drill/flags.ts'

const program = ['--', 'node', 'server.js']

describe('the flags of drill', () => {
  test('have defaults', () => {
    const { setup, repeat, isJSON } = readAsked(['node', 'server.js', '--port', '1'])
    assert.deepEqual(setup.command, ['node', 'server.js', '--port', '1'])
    assert.deepEqual([setup.paths, setup.isPathGiven, setup.request.method], [['/'], false, 'GET'])
    assert.deepEqual([setup.clients, setup.rate, setup.load], [20, 400, 2_000])
    assert.deepEqual(
      [setup.signal, setup.grace, setup.boot, repeat, isJSON],
      ['SIGTERM', 10_000, 60_000, 1, false]
    )
  })

  test('are each understood', () => {
    const words =
      '--port 3000 --boot 2m --path /a --path /b?c=d -d x -H a:b --header c:\td --slow-path /s --websocket /w'
    const more =
      '--sse /e --clients 3 --rate 9 --load 1.5s --signal int --grace 500 --ready none --live /l --hand-over'
    const { setup, ...asked } = readAsked([
      ...`${words} ${more} --repeat 4 --seed 5 -q --json`.split(' '),
      ...program
    ])
    assert.deepEqual(
      [setup.port, setup.boot, setup.paths, setup.isPathGiven],
      [3_000, 120_000, ['/a', '/b?c=d'], true]
    )
    assert.deepEqual(setup.request, {
      method: 'POST',
      headers: [
        ['a', 'b'],
        ['c', 'd']
      ],
      body: 'x'
    })
    assert.deepEqual([setup.slowPath, setup.webSocketPaths, setup.streamPaths], ['/s', ['/w'], ['/e']])
    assert.deepEqual(
      [setup.clients, setup.rate, setup.load, setup.signal, setup.grace],
      [3, 9, 1_500, 'SIGINT', 500]
    )
    assert.deepEqual([setup.ready, setup.live, setup.isHandedOver], [false, '/l', true])
    assert.deepEqual([asked.repeat, asked.seed, asked.isQuiet, asked.isJSON], [4, 5, true, true])
  })

  test('have a URL for where the app answers, and what', () => {
    const at = (url: string) => readAsked(['--url', url, '--pid', '1']).setup
    assert.deepEqual(at('http://localhost:3000/a?b').target, {
      host: 'localhost',
      port: 3_000,
      isSecure: false
    })
    assert.deepEqual(at('http://localhost:3000/a?b').paths, ['/a?b'])
    assert.deepEqual(at('https://[::1]').target, { host: '::1', port: 443, isSecure: true })
    assert.deepEqual(at('http://a').target, { host: 'a', port: 80, isSecure: false })
    assert.deepEqual(at('unix:/run/app.sock').target, { socketPath: '/run/app.sock', isSecure: false })
    assert.deepEqual(at('unix:/run/app.sock').paths, ['/'])
  })

  const wrong: readonly [args: readonly string[], message: RegExp][] = [
    [[], /Name the command that starts it/],
    [['--pid', '1'], /needs '--url'/],
    [['--pid', '1', '--url', 'http://a', ...program], /leave the command out/],
    [['--pid', '1', '--url', 'http://a', '--repeat', '2'], /only once/],
    [['--pid', 'x'], /'--pid' must be a whole number/],
    [['--port', '70000', ...program], /'--port' must be a whole number from 1 to 65535/],
    [['--grace', 'soon', ...program], /'--grace' must be a time such as/],
    [['--grace', '2h', ...program], /'--grace' must be a time/],
    [['--grace', '90m', ...program], /at most 60m/],
    [['--path', 'orders', ...program], /'--path' must be a path that begins with \//],
    [['--ready', 'no', ...program], /'--ready' must be a path/],
    [['--method', 'G T', ...program], /'--method' must be a method/],
    [['--header', 'a b', ...program], /'--header' must be like/],
    [['--signal', 'KILL', ...program], /that a process can handle/],
    [['--signal', 'constructor', ...program], /that a process can handle/],
    [['--url', 'localhost:3000', ...program], /'--url' must be like/],
    [['--url', ':', ...program], /'--url' must be like/],
    [['--rat', '3', ...program], /Did you mean '--rate'/]
  ]
  for (const [args, message] of wrong) {
    test(`are refused: ${args.join(' ')}`, () => {
      assert.throws(
        () => readAsked(args),
        (error: Error) => error instanceof UsageError && message.test(error.message)
      )
    })
  }
})
