import assert from 'node:assert/strict'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { parse } from 'yaml'
import { runToEnd } from '../support/children.ts'
import { assertUndisturbed } from '../support/drill.ts'
import { inTime } from '../support/in-time.ts'
import { inRoot } from './pages.ts'

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly if?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Workflow {
  readonly on: unknown
  readonly jobs: Readonly<Record<'drill' | 'check', { readonly steps: readonly Step[] }>>
}

const page = readFileSync(inRoot('docs/drill.md'), 'utf8')
const [, yaml = ''] = /```yaml\n(name: Shutdown\n[\s\S]*?)```/.exec(page) ?? []
const { on, jobs } = parse(yaml) as Workflow

/** An app that finishes what it has begun, with the plugin. */
const right = `
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
const app = Fastify()
await app.register(lifecycle)
app.get('/orders/1', async () => ({ order: 1 }))
await app.listen({ port: process.env.PORT })
`

/** An app that nothing tells of the signal. */
const wrong = `
import { createServer } from 'node:http'
const server = createServer((_, response) => setTimeout(() => response.end('order'), 50))
server.listen(process.env.PORT)
`

const manifest = (seconds: number) => `apiVersion: v1
kind: Pod
metadata: { name: orders }
spec: { terminationGracePeriodSeconds: ${seconds}, containers: [{ name: app, image: orders }] }
`

/** What a user has checked out, with what `npm ci` finds above it. */
function checkedOut(t: TestContext, server: string, seconds: number): string {
  const above = mkdtempSync(join(tmpdir(), 'workflow-'))
  t.after(() => rmSync(above, { recursive: true }))
  const write = (path: string, text: string, mode = 0o644) => {
    mkdirSync(dirname(join(above, path)), { recursive: true })
    writeFileSync(join(above, path), text, { mode })
  }
  const about = { name: 'orders', version: '1.0.0' }
  write('orders/package.json', JSON.stringify({ ...about, type: 'module' }))
  write('orders/package-lock.json', JSON.stringify({ ...about, lockfileVersion: 3, packages: { '': about } }))
  write('orders/server.js', server)
  write('orders/k8s/orders.yaml', manifest(seconds))
  write('node_modules/.bin/fastify-lifecycle', `#!/bin/sh\nexec node ${inRoot('dist/bin.cjs')} "$@"\n`, 0o755)
  symlinkSync(inRoot(''), join(above, 'node_modules/fastify-lifecycle'))
  symlinkSync(inRoot('node_modules/fastify'), join(above, 'node_modules/fastify'))
  return join(above, 'orders')
}

/** Runs the steps of a job as GitHub does: each with `bash -e`, until one fails. Returns the last exit code. */
async function runJob(steps: readonly Step[], cwd: string): Promise<number | null> {
  const env = { ...process.env, GITHUB_STEP_SUMMARY: join(cwd, 'summary.md') }
  for (const { run } of steps) {
    if (run === undefined) continue
    const { code, stderr } = await runToEnd('bash', ['-e', '-c', run], { cwd, env })
    if (code !== 0) return code
    assert.doesNotMatch(stderr, /not found/)
  }
  return 0
}

/** Each action, with the commit that it is pinned to and the version. */
function actionsIn(text: string): readonly string[] {
  return [...text.matchAll(/uses: (\S+ # v[\d.]+)$/gm)].map(([, action]) => action as string)
}

describe('the workflow on the page of the drill', () => {
  test('has its actions pinned as those of this project', () => {
    const folder = inRoot('.github/workflows/')
    const own = readdirSync(folder).flatMap((name) => actionsIn(readFileSync(folder + name, 'utf8')))
    const named = actionsIn(yaml)
    assert.equal(on, 'pull_request')
    assert.equal(
      named.length,
      Object.values(jobs).flatMap(({ steps }) => steps.filter(({ uses }) => uses)).length
    )
    for (const action of named) {
      assert.match(action, /^[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
      const [name] = action.split('@')
      const pins = own.filter((each) => each.startsWith(`${name}@`))
      assert.ok(
        pins.every((each) => each === action),
        `${action} is not ${pins}`
      )
    }
  })

  test('keeps what a job that fails has written', () => {
    const uploads = Object.values(jobs).map(({ steps }) => steps.at(-1))
    assert.deepEqual(
      uploads.map((step) => [step?.if, step?.with?.['path'] ?? step?.with?.['sarif_file']]),
      [
        ['always()', 'drill.json'],
        ['always()', 'check.sarif']
      ]
    )
  })

  test('passes with an app that loses nothing, and has a summary and both files', (t) =>
    inTime(t, async () => {
      const cwd = checkedOut(t, right, 30)
      const written = (name: string) => readFileSync(join(cwd, name), 'utf8')
      const code = await runJob(jobs.drill.steps, cwd)
      assertUndisturbed(written('drill.json'))
      assert.equal(code, 0)
      assert.equal(JSON.parse(written('drill.json')).ok, true)
      assert.match(written('summary.md'), /^#+ .*\n[\s\S]*\|/m)
      assert.equal(await runJob(jobs.check.steps, cwd), 0)
      assert.deepEqual(JSON.parse(written('check.sarif')).runs[0].results, [])
    }))

  test('fails with an app that loses requests and a manifest that kills it, and says so', async (t) => {
    const cwd = checkedOut(t, wrong, 3)
    const written = (name: string) => readFileSync(join(cwd, name), 'utf8')
    assert.equal(await runJob(jobs.drill.steps, cwd), 1)
    assert.equal(JSON.parse(written('drill.json')).ok, false)
    assert.match(written('summary.md'), /no-handler/)
    assert.equal(await runJob(jobs.check.steps, cwd), 1)
    const [finding] = JSON.parse(written('check.sarif')).runs[0].results
    assert.equal(finding.ruleId, 'grace-too-short')
  })
})
