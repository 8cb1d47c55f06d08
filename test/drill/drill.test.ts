import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { runToEnd } from '../support/children.ts'
import { command } from '../support/command.ts'
import { assertUndisturbed, codesIn, drillOf, faultsIn, patient, small } from '../support/drill.ts'
import { freePort } from '../support/free-port.ts'
import { inTime } from '../support/in-time.ts'
import { compiled, Program } from '../support/program.ts'

const node = process.execPath
const faulty = compiled('test/fixtures/drill/faulty')
const streams = compiled('test/fixtures/drill/streams')
const withPlugin = compiled('test/fixtures/drill/with-plugin')
const bin = compiled('command/bin')
/** The drain takes a second with it, in which every client is told that its connection ends. */
const longDrain = ['--slow-path', '/big']

async function scratch(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'drill-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  return directory
}

describe('a drill of an app that ends well', () => {
  test('finds no fault, and shows the report of the plugin', (t) =>
    inTime(t, async () => {
      const paths = ['--path', '/', '--path', '/slow', ...longDrain, '--websocket', '/ws', '--sse', '/events']
      const { verdict, exitCode, stdout } = await drillOf([...patient, ...paths], [node, withPlugin])
      assertUndisturbed(stdout)
      assert.deepEqual(faultsIn(verdict), [])
      assert.equal(exitCode, 0)
      const [run] = verdict.runs
      assert.equal(run?.report?.outcome, 'clean')
      assert.deepEqual(
        run?.probes.map(({ name, path }) => [name, path]),
        [
          ['ready', '/readyz'],
          ['live', '/livez']
        ]
      )
      assert.deepEqual([run?.webSockets[0]?.code, run?.streams[0]?.how], [1012, 'complete'])
      assert.ok((run?.requests.before['answered'] as number) > 0)
      for (const when of ['inFlight', 'after'] as const) {
        assert.deepEqual([run?.requests[when]['lost'], run?.requests[when]['cut']], [0, 0])
      }
    }))

  test('says so in words, with the timeline', (t) =>
    inTime(t, async () => {
      const env = { PATH: process.env['PATH'] ?? '' }
      const { stdout, stderr, exitCode } = await command(
        ['drill', ...small, ...patient, ...longDrain, '--path', '/slow', '--', node, withPlugin],
        { env }
      )
      assertUndisturbed(stdout)
      assert.equal(exitCode, 0, stdout)
      assert.match(stdout, /✓ Nothing is wrong: no request was lost/)
      assert.match(stdout, /exit +code 0 after/)
      assert.match(stdout, /✓ shutdown clean in .* \(SIGTERM\): /)
      assert.equal(stderr, '')
    }))

  test('says how it goes on, where it is not told to be quiet', async () => {
    const loud = [...small.slice(0, -1), ...patient]
    const env = { PATH: process.env['PATH'] ?? '' }
    const asFile = await command(['drill', ...loud, '--', node, faulty, 'none'], { env })
    assert.match(
      asFile.stderr,
      /^starting the app …\nthe app answers at http:\/\/127.*\nload …\nsignalled …\n$/
    )
    const asTerminal = await command(['drill', ...loud, '--', node, faulty, 'none'], { env, isTTY: true })
    assert.match(asTerminal.stderr, /\[Kload … \d\.\d s, \d+ answered/)
  })

  const places: readonly [what: string, target: RegExp, fault: string][] = [
    ['another port than it was given', /^http:\/\/127\.0\.0\.1:/, 'another port'],
    ['IPv6 alone', /^http:\/\/\[::1\]:/, 'IPv6 only']
  ]
  for (const [what, target, fault] of places) {
    test(`finds where it listens: on ${what}`, async () => {
      const { verdict, stderr } = await drillOf(patient, [node, faulty, fault])
      assert.match(verdict.runs[0]?.target ?? stderr, target)
    })
  }

  test('finds where it listens: on a unix socket', async (t) => {
    const path = join(await scratch(t), 'app.sock')
    const { verdict } = await drillOf(patient, [node, faulty, 'unix socket', path])
    assert.equal(verdict.runs[0]?.target, path)
    assert.ok(!faultsIn(verdict).includes('signal-not-passed-on'))
  })

  test('waits for a slow boot', async () => {
    const { verdict } = await drillOf(patient, [node, faulty, 'slow boot'])
    assert.equal(verdict.runs.length, 1)
  })

  test('sends the signal while a request is in flight, however fast the app is', async () => {
    const few = ['--clients', '2', '--rate', '20', '--path', '/livez']
    const { verdict } = await drillOf([...patient, ...few], [node, faulty, 'none'])
    assert.ok(!codesIn(verdict).includes('nothing-in-flight'), String(codesIn(verdict)))
  })

  test('may be repeated at moments that a seed makes', (t) =>
    inTime(t, async () => {
      const flags = [...patient, ...longDrain, '--repeat', '2', '--seed', '7']
      const { verdict, stdout } = await drillOf(flags, [node, withPlugin])
      assert.equal(verdict.runs.length, 2, stdout)
      const loads = verdict.runs.map((run) => (run as unknown as { loadTime: number }).loadTime)
      assert.notEqual(loads[0], loads[1])
      const env = { PATH: process.env['PATH'] ?? '' }
      const { stdout: text } = await command(['drill', ...small, ...flags, '--', node, withPlugin], { env })
      assertUndisturbed(text)
      assert.match(text, /Nothing is wrong in 2 runs[\s\S]*The same moments again: --seed 7\n$/)
    }))

  test('writes a summary for a job of CI', (t) =>
    inTime(t, async () => {
      const file = join(await scratch(t), 'summary.md')
      await drillOf([...patient, ...longDrain], [node, withPlugin], { env: { GITHUB_STEP_SUMMARY: file } })
      const summary = await readFile(file, 'utf8')
      assertUndisturbed(summary)
      assert.match(summary, /^### ✅ Shutdown drill\n\n`.*`\n\nNothing is wrong/)
      assert.match(summary, /^\| requests \| before \| at SIGTERM \| after \|$/m)
    }))

  test('works for what runs already', (t) =>
    inTime(t, async () => {
      const port = await freePort()
      const app = new Program(t, node, [withPlugin], { PORT: String(port) })
      await app.prints(/Server listening/)
      const flags = [...longDrain, '--pid', String(app.pid), '--url', `http://127.0.0.1:${port}/slow`]
      const { stdout, exitCode } = await command(['drill', ...small, ...patient, ...flags, '--json'])
      assertUndisturbed(stdout)
      const verdict = JSON.parse(stdout)
      assert.deepEqual([faultsIn(verdict), exitCode], [[], 0])
      assert.deepEqual(await app.exited, { code: 0, signal: null })
    }))
})

describe('a drill of an app with a report that cannot be drawn', () => {
  test('shows no timeline, and is a drill as any other', async () => {
    const { stdout, exitCode } = await command(
      ['drill', ...small, ...patient, '--', node, faulty, 'logs a report of another kind'],
      { env: { PATH: process.env['PATH'] ?? '' } }
    )
    assert.match(stdout, /\n {2}exit +code 0 after/)
    assert.doesNotMatch(stdout, /hook/)
    assert.notEqual(exitCode, 2)
  })
})

describe('a drill looks at streams', () => {
  const paths = ['--websocket', '/ws', '--sse', '/events']
  test('that are ended well', async () => {
    const { verdict } = await drillOf([...patient, ...paths], [node, streams, 'well'])
    assert.deepEqual(
      [verdict.runs[0]?.webSockets[0]?.code, verdict.runs[0]?.streams[0]?.how],
      [1012, 'complete']
    )
  })

  test('that are dropped and cut', async () => {
    const { verdict } = await drillOf([...patient, ...paths], [node, streams, 'badly'])
    const faults = faultsIn(verdict)
    assert.ok(faults.includes('websocket-dropped') && faults.includes('stream-cut'), String(faults))
  })

  test('that are none', async () => {
    for (const [flag, message] of [
      ['--websocket', /is no WebSocket: it answered 200/],
      ['--sse', /is no stream: it answered/]
    ] as const) {
      const { verdict } = await drillOf([...patient, flag, '/'], [node, faulty, 'none'])
      assert.equal(verdict.error?.code, 'wrong-answer')
      assert.match(verdict.error?.message ?? '', message)
    }
  })
})

describe('a drill sees who stands in front of the app', () => {
  test('a shell that ends first', async () => {
    const { verdict, exitCode } = await drillOf(patient, [
      'sh',
      '-c',
      `'${node}' '${faulty}' 'ignores the signal'; true`
    ])
    assert.equal(exitCode, 1)
    assert.ok(codesIn(verdict).includes('signal-not-passed-on'), String(codesIn(verdict)))
    assert.match(JSON.stringify(verdict.runs[0]?.survivors), /faulty/)
  })
})

describe('a drill that cannot be carried out says why', () => {
  const cases: readonly [what: string, code: string, flags: readonly string[], program: readonly string[]][] =
    [
      ['there is no such program', 'not-found', [], ['no-such-program-anywhere']],
      ['the file is no program', 'not-found', [], [import.meta.dirname]],
      ['the app opens no port', 'opened-no-port', ['--boot', '2s'], [node, faulty, 'never listens']],
      ['the app answers nothing', 'never-answered', ['--boot', '6s'], [node, faulty, 'never answers']],
      [
        'the app speaks another protocol',
        'not-http',
        ['--boot', '3s'],
        [node, faulty, 'speaks another protocol']
      ],
      ['the app ends at once', 'exited-early', [], [node, '-e', 'console.log("no config")']],
      ['the app ends under load', 'exited-early', ['--load', '5m'], [node, faulty, 'dies under load']],
      ['the path is unknown', 'wrong-answer', ['--path', '/orders'], [node, faulty, 'none']],
      ['the path fails', 'wrong-answer', ['--path', '/fails'], [node, withPlugin]],
      [
        'the probe never says yes',
        'never-ready',
        ['--ready', '/orders', '--boot', '5s'],
        [node, faulty, 'none']
      ]
    ]
  for (const [what, code, flags, program] of cases) {
    test(what, async () => {
      const { verdict, exitCode, stderr } = await drillOf([...patient, ...flags], program)
      assert.deepEqual([verdict.ok, verdict.error?.code, exitCode], [false, code, 2], stderr)
      assert.match(stderr, /See fastify-lifecycle drill --help\n$/)
    })
  }

  test('the port is taken', async (t) => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    t.after(() => other.close())
    const { port } = other.address() as { port: number }
    const { verdict } = await drillOf(patient, [node, faulty, 'takes a port that is taken', String(port)])
    assert.equal(verdict.error?.code, 'port-taken')
  })

  test('there is no such process', async () => {
    const gone = spawn('true')
    await once(gone, 'exit')
    const flags = ['--pid', String(gone.pid), '--url', 'http://localhost:1', '--json']
    const { stdout, exitCode } = await command(['drill', ...flags])
    assert.equal(JSON.parse(stdout).error.code, 'no-such-process')
    assert.equal(exitCode, 2)
  })

  test('the summary cannot be written', async (t) => {
    const env = { PATH: process.env['PATH'] ?? '' }
    const flags = [...small, ...patient, '--summary', await scratch(t)]
    const { stderr, exitCode } = await command(['drill', ...flags, '--', node, withPlugin], { env })
    assert.match(stderr, /The summary cannot be written/)
    assert.equal(exitCode, 2)
  })
})

describe('a drill leaves nothing behind', () => {
  const drilled = ['drill', ...small.slice(0, -1), ...patient, '--load', '5m', '--', node, faulty, 'none']

  test('after a Ctrl-C', async (t) => {
    const drill = new Program(t, node, [bin, ...drilled])
    await drill.prints(/load …/)
    const pid = await appOf(drill.pid)
    drill.kill('SIGINT')
    assert.deepEqual(await drill.exited, { code: 130, signal: null })
    await assert.rejects(readFile(`/proc/${pid}/cmdline`))
  })

  test('after a kill that it cannot handle', async (t) => {
    const drill = new Program(t, node, [bin, ...drilled])
    await drill.prints(/load …/)
    const pid = await appOf(drill.pid)
    drill.kill('SIGKILL')
    await drill.exited
    // The guard kills it; its own parent is gone, so that it is looked for until it is not there any more.
    while (await isThere(pid)) await new Promise((resolve) => setTimeout(resolve, 20))
  })

  test('of an app that had to be killed', async () => {
    const { verdict } = await drillOf(['--grace', '300ms'], [node, faulty, 'ignores the signal'])
    assert.equal(verdict.runs[0]?.exit, undefined)
  })
})

/** The process that a drill has started. */
async function appOf(drill: number): Promise<number> {
  const { stdout } = await runToEnd('sh', [
    '-c',
    `ps -A -o pid=,ppid=,args= | grep faulty | grep -v ' drill '`
  ])
  const found = stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(([, parent]) => Number(parent) === drill)
  return Number(found?.[0])
}

async function isThere(pid: number): Promise<boolean> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8').then(
    (text) => text !== '',
    () => false
  )
}
