import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import type { Finding } from '../../../check/findings/finding.ts'
import { ruleNames } from '../../../check/rules/names.ts'
import { runToEnd } from '../../support/children.ts'
import { command, type Outcome } from '../../support/command.ts'

const pod = (seconds: number, more = '') =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec:\n  terminationGracePeriodSeconds: ${seconds}\n  containers: [{ name: app, image: a${more} }]\n`

/** A folder with these files. */
function folder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(tmpdir(), 'check-'))
  t.after(() => rmSync(path, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), text)
  }
  return path
}

const check = (...args: string[]) => command(['check', ...args])
const piped = (text: string, ...args: string[]) => command(['check', '-', ...args], { stdin: text })

function findingsIn({ stdout }: Outcome): readonly Finding[] {
  return (JSON.parse(stdout) as { findings: readonly Finding[] }).findings
}

describe('the command check', () => {
  test('exits 0 where nothing is wrong, 1 where something is, 2 where there is nothing to check', async (t) => {
    const right = await piped(pod(30))
    assert.deepEqual(right, {
      stdout: 'Nothing is wrong in 1 file: 1 kubernetes.\n',
      stderr: '',
      exitCode: 0
    })
    assert.equal((await piped(pod(3))).exitCode, 1)
    assert.equal((await piped(pod(30, ', command: [./run]'))).exitCode, 0, 'a note')
    const nothing = await check(folder(t, { 'a.txt': pod(3), 'b.yaml': 'a: 1' }))
    assert.equal(nothing.exitCode, 2)
    assert.match(nothing.stdout, /^There is nothing to check: none of 1 file is a manifest/)
    assert.match((await check(folder(t, {}))).stdout, /no file is/)
  })

  test('writes the line, the column, the severity, the rule, whose it is, and what to do', async () => {
    const { stdout } = await piped(pod(3))
    assert.equal(
      stdout,
      `standard input
  5:3  error  grace-too-short  Pod a, container app
      \`terminationGracePeriodSeconds\` of 3000 ms is too short for a \`deadline\`
        of 25000 ms.
      Then: the app may be killed before its deadline.
      Write \`terminationGracePeriodSeconds: 30\`.

1 error in 1 file: 1 kubernetes.
`
    )
    const { stdout: coloured } = await command(['check', '-'], { stdin: pod(3), env: { FORCE_COLOR: '1' } })
    assert.ok(coloured.includes('\u001b[31merror\u001b'))
  })

  test('reads files and folders, and leaves out what nobody deploys', async (t) => {
    const path = folder(t, {
      'k8s/a.yaml': pod(3),
      'k8s/b.json': JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [] }),
      'node_modules/x/c.yaml': pod(3),
      'values.yaml': 'a: 1',
      'src/main.ts': ''
    })
    symlinkSync(join(path, 'none'), join(path, 'k8s/gone.yaml'))
    const { stdout, exitCode } = await check('--json', path)
    const result = JSON.parse(stdout)
    assert.equal(exitCode, 1)
    assert.deepEqual(
      result.checked.map(({ file, format }: { file: string; format: string }) => [
        file.slice(path.length),
        format
      ]),
      [
        ['/k8s/a.yaml', 'kubernetes'],
        ['/k8s/b.json', 'kubernetes']
      ]
    )
    assert.equal(result.others, 1)
    assert.deepEqual(
      findingsIn({ stdout } as Outcome).map(({ file, line }) => [file.slice(path.length), line]),
      [['/k8s/a.yaml', 5]]
    )
  })

  test('says what it cannot read, and goes on', async (t) => {
    const path = folder(t, { 'a.yaml': pod(3), 'b.txt': 'x', 'large.yaml': '' })
    truncateSync(join(path, 'large.yaml'), 9 * 1_024 * 1_024)
    const outcome = await check('--json', join(path, 'b.txt'), join(path, 'large.yaml'), join(path, 'a.yaml'))
    assert.deepEqual(
      findingsIn(outcome)
        .map(({ rule, is }) => [rule, is.replace(/^This cannot be read: /, '')])
        .slice(0, 3),
      [
        ['cannot-be-read', 'nothing in it says what it is'],
        [
          'grace-too-short',
          '`terminationGracePeriodSeconds` of 3000 ms is too short for a `deadline` of 25000 ms'
        ],
        ['cannot-be-read', 'it has more than 8 MB']
      ]
    )
    const only = await check(join(path, 'b.txt'))
    assert.match(only.stdout, /in 0 files: none could be read/)
    assert.equal(only.exitCode, 1)
    const fifo = await check('--json', '/proc/self/mem')
    assert.equal(findingsIn(fifo).length, 1)
  })

  test('takes the word of the user for what a file is', async (t) => {
    const path = folder(t, { 'b.txt': pod(3) })
    assert.match((await check('--as', 'kubernetes', join(path, 'b.txt'))).stdout, /grace-too-short/)
  })

  test('leaves out what is not the app, by name, and rules that are not wanted', async () => {
    const two = `${pod(30)}---\n${pod(3).replace('name: a ', 'name: db ').replace('image: a', 'image: postgres')}`
    const { stdout } = await piped(two)
    assert.match(
      stdout,
      /^Left out, .*:\n {2}standard input:13 {2}Pod db, container app: the image is postgres\n\nNothing/
    )
    assert.match((await piped(two, '--app', 'db')).stdout, /12:3 {2}error {2}grace-too-short/)
    assert.equal((await piped(two, '--app', 'db', '--ignore', 'grace-too-short')).exitCode, 0)
  })

  test('says in one sentence what is wrong with a command line', async () => {
    for (const [args, message] of [
      [[], /needs a file, a folder or -/],
      [['a', '--json', '--sarif'], /exclude each other/],
      [['a', '--ignore', 'graze'], /'ignore' must be one of/],
      [['a', '--as', 'helm'], /'as' must be one of 'kubernetes'/],
      [['a', '--port', 'x'], /'port' must be a port/],
      [['/none/such'], /There is no file or folder '\/none\/such'/],
      [['-', '--deadline', 'soon'], /'deadline' must be a number/],
      [['-', '--signals', 'SIGHOP'], /'signals\[0\]'/],
      [['-', '--options', 'a.js', '--log', 'b'], /exclude each other/]
    ] as const) {
      const { stdout, stderr, exitCode } = await check(...args)
      assert.deepEqual([stdout, exitCode], ['', 2], args.join(' '))
      assert.match(stderr, message)
    }
  })
})

describe('the options of the app', () => {
  test('come from flags', async () => {
    const flags = [
      '--deadline',
      '60000',
      '--lame-duck',
      '3000',
      '--drain-timeout',
      '9000',
      '--signals',
      'SIGTERM, SIGINT'
    ]
    assert.match((await piped(pod(30), ...flags)).stdout, /`deadline` of 60000 ms/)
    const probe =
      ', livenessProbe: { httpGet: { path: /l, port: 9 } }, readinessProbe: { httpGet: { path: /r, port: 9 } }'
    const paths = ['--live', '/l', '--ready', '/r', '--startup', '/s', '--probe-port', '9']
    assert.equal((await piped(pod(30, probe), ...paths)).exitCode, 0)
    assert.equal((await piped(pod(30, probe), '--live', '/l', '--ready', '/r', '--port', '9')).exitCode, 0)
    assert.equal((await piped(pod(30, probe))).exitCode, 1)
  })

  test('come from a module or a JSON file, and flags win', async (t) => {
    const path = folder(t, {
      'default.mjs': 'export default { deadline: 60_000 }',
      'named.mjs':
        'export const options = { deadline: 60_000 }; export const other = { deadline: 10_000 }; export const none = 1',
      'common.cjs': 'exports.lifecycle = { deadline: 60_000 }',
      'plain.json': '{ "deadline": 60000, "health": { "live": "/l" } }',
      'wrong.mjs': 'export const health = true',
      'broken.mjs': 'export default {',
      'empty.mjs': ''
    })
    for (const name of ['default.mjs', 'named.mjs', 'common.cjs', 'plain.json']) {
      assert.match((await piped(pod(30), '--options', join(path, name))).stdout, /of 60000 ms/, name)
    }
    assert.equal((await piped(pod(30), '--options', join(path, 'named.mjs#other'))).exitCode, 0)
    const flags = ['--options', join(path, 'plain.json'), '--deadline', '20000', '--ready', '/r']
    assert.equal((await piped(pod(30), ...flags)).exitCode, 0)
    for (const [name, message] of [
      ['wrong.mjs', /exports no options as options, .* Its exports: health\. Name one/],
      ['empty.mjs', /Its exports: none/],
      ['named.mjs#none', /exports no object called 'none'\. Its exports: none, options, other/],
      ['broken.mjs', /cannot be loaded: /],
      ['missing.mjs', /cannot be loaded: Cannot find module/]
    ] as const) {
      const { stderr, exitCode } = await piped(pod(30), '--options', join(path, name))
      assert.equal(exitCode, 2)
      assert.match(stderr, message)
    }
  })

  test('come from the last report in a log', async (t) => {
    const line = (deadline: number) =>
      `{"level":30,"code":"LIFECYCLE_REPORT","report":{"deadline":${deadline}}}`
    const path = folder(t, {
      'app.log': `${line(1)}\n${line(60_000)}\n{"code":"LIFECYCLE_PHASE"}\n{ LIFECYCLE_ no JSON\n{"msg":"over"}\n`,
      'flat.log': 'app-1 | {"code":"LIFECYCLE_REPORT","deadline":60000}',
      'none.log': 'hello\n'
    })
    for (const name of ['app.log', 'flat.log'])
      assert.match((await piped(pod(30), '--log', join(path, name))).stdout, /of 60000 ms/)
    assert.match(
      (await piped(pod(30), '--log', join(path, 'none.log'))).stderr,
      /has no line with the code LIFECYCLE_REPORT/
    )
    assert.match((await piped(pod(30), '--log', join(path, 'missing.log'))).stderr, /There is no file/)
  })

  test('may be impossible on one platform only', async () => {
    const { stdout, exitCode } = await piped(pod(60), '--lame-duck', '20000')
    assert.deepEqual([stdout.includes('options-impossible'), exitCode], [false, 0])
  })
})

/** What the tests look at in a run of SARIF. */
interface SarifRun {
  readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }
  readonly results: readonly { readonly ruleId: string; readonly ruleIndex: number }[]
}

describe('what comes out', () => {
  test('is SARIF that its schema takes, with every rule', async () => {
    const require = createRequire(import.meta.url)
    const schema = require('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json')
    const ajv = new Ajv({ strict: false, unicodeRegExp: false })
    addFormats.default(ajv)
    const validate = ajv.compile({ ...schema, $schema: undefined, id: undefined })
    for (const text of [
      pod(3),
      pod(30),
      pod(3, ', command: [./run], readinessProbe: { httpGet: { path: /x } }')
    ]) {
      const { stdout } = await piped(text, '--sarif')
      const log = JSON.parse(stdout) as { runs: readonly [SarifRun] }
      assert.ok(validate(log), JSON.stringify(validate.errors))
      const [{ tool, results }] = log.runs
      assert.deepEqual(
        tool.driver.rules.map(({ id }) => id),
        ruleNames
      )
      for (const { ruleId, ruleIndex } of results) assert.equal(ruleNames[ruleIndex], ruleId)
    }
  })

  test('has the message alone in SARIF where nothing is named', async () => {
    const { stdout } = await piped('FROM node:24\nCMD ["npm", "start"]\n', '--sarif')
    const [{ message }] = JSON.parse(stdout).runs[0].results
    assert.match(message.text, /^`npm start` stands before the app/)
  })

  test('of a file in SARIF has the path as a URI', async (t) => {
    const path = folder(t, { 'a b/ü.yaml': pod(3) })
    const { stdout } = await check('--sarif', path)
    const [result] = JSON.parse(stdout).runs[0].results
    const { artifactLocation, region } = result.locations[0].physicalLocation
    assert.match(artifactLocation.uri, /a%20b\/%C3%BC\.yaml$/)
    assert.deepEqual([region.startLine, region.startColumn, result.level], [5, 3, 'error'])
  })
})

describe('the packed command', () => {
  const odd =
    `%YAML 1.2
---
apiVersion: v1
kind: Pod
metadata: { name: &name odd, labels: !!map { a: !!str 1, b: !!binary aGk=, c: !!set { d }, e: !!timestamp 2001-12-14 } }
spec: &spec
  terminationGracePeriodSeconds: 0x1E
  containers:
    - &container { name: *name, image: >- ` +
    'a' +
    `
      , command: [!custom x] }
---
{ "apiVersion": "v1", "kind": "List", "items": [{ "kind": "Pod", "spec": { "terminationGracePeriodSeconds": 1e0, "containers": [{ "name": "\\u0061", "image": "b" }] } }] }
---
base: &base { livenessProbe: { httpGet: { path: /readyz } } }
kind: Pod
spec: { containers: [{ <<: *base, image: c, name: "x\\
  y" }, { <<: [*base, *none] }] }
---
one: 1
one: 2
--- |
  text
--- [1, 2
`

  test('reads what the sources read, in less time than anybody waits', async (t) => {
    const path = folder(t, { 'odd.yaml': odd })
    const bins = ['../../../../dist/bin.cjs', '../../../command/bin.js'].map((name) =>
      fileURLToPath(new URL(name, import.meta.url))
    )
    const [packed, sources] = await Promise.all(
      bins.map((bin) =>
        runToEnd(process.execPath, [bin, 'check', '--json', '--as', 'kubernetes', join(path, 'odd.yaml')])
      )
    )
    assert.ok(findingsIn(sources as never).length >= 4)
    assert.deepEqual(packed, sources)
  })

  test('starts in a few times the time of an empty program', async () => {
    const bin = fileURLToPath(new URL('../../../../dist/bin.cjs', import.meta.url))
    const best = {
      empty: Number.POSITIVE_INFINITY,
      check: Number.POSITIVE_INFINITY,
      drill: Number.POSITIVE_INFINITY
    }
    const commands = { empty: ['-e', '0'], check: [bin, 'check', '--help'], drill: [bin, 'drill', '--help'] }
    // By turns, and the shortest counts: what else the machine does makes each of them longer only.
    for (let round = 0; round < 7; round++) {
      for (const [name, args] of Object.entries(commands) as ['empty' | 'check' | 'drill', string[]][]) {
        const begin = performance.now()
        assert.equal((await runToEnd(process.execPath, args)).code, 0)
        best[name] = Math.min(best[name], performance.now() - begin)
      }
    }
    assert.ok(best.check / best.empty < 5, JSON.stringify(best))
    assert.ok(best.drill / best.empty < 5, JSON.stringify(best))
  })
})
