import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

// The package as `npm pack` makes it, installed in a user's directory of its own.

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../../', import.meta.url))
const node = process.execPath
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
let project: string
let packed: { filename: string; files: { path: string }[] }

before(async () => {
  project = await mkdtemp(join(tmpdir(), 'fastify-lifecycle-'))
  const { stdout } = await run(npm, ['pack', '--json', '--ignore-scripts', '--pack-destination', project], {
    cwd: root,
    shell: process.platform === 'win32'
  })
  packed = JSON.parse(stdout)[0]
  await run('tar', ['-xzf', packed.filename], { cwd: project })
  const modules = join(project, 'node_modules')
  await mkdir(join(modules, '@types'), { recursive: true })
  await cp(join(project, 'package'), join(modules, 'fastify-lifecycle'), { recursive: true })
  for (const name of [
    'fastify',
    'fastify-plugin',
    'close-with-grace',
    'prom-client',
    '@fastify',
    '@opentelemetry',
    'expect-type',
    '@types/node'
  ]) {
    await symlink(join(root, 'node_modules', name), join(modules, name), 'junction')
  }
})

after(() => rm(project, { recursive: true, force: true }))

/** Runs a program of the user's, and returns what it prints. */
async function program(name: string, source: string): Promise<string> {
  await writeFile(join(project, name), source)
  const { stdout } = await run(node, [name], { cwd: project })
  return stdout.trim()
}

/** A directory for TypeScript of a user's. */
async function typesProject(name: string, type: string): Promise<string> {
  const directory = join(project, name)
  await mkdir(directory)
  await writeFile(join(directory, 'package.json'), JSON.stringify({ type }))
  return directory
}

/** Compiles all TypeScript of a directory. */
async function compiles(directory: string, options: Record<string, unknown>): Promise<void> {
  const compilerOptions = {
    ...options,
    target: 'es2022',
    lib: ['es2023', 'esnext.disposable'],
    types: ['node'],
    strict: true,
    noEmit: true
  }
  await writeFile(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
  const tsc = fileURLToPath(new URL(import.meta.resolve('typescript/package.json'))).replace(
    'package.json',
    'bin/tsc'
  )
  const result = await run(node, [tsc, '-p', directory], { cwd: directory }).catch((error) => error)
  assert.deepEqual([result.stdout, result.stderr, result.code], ['', '', undefined])
}

describe('the packed package', () => {
  test('holds what it needs, and no more', () => {
    const folders = new Set(packed.files.map(({ path }) => path.replace(/[^/]*$/, '')))
    const sources = [
      ...['lib/', 'lib/health/', 'lib/transports/', 'lib/watchdog/'],
      ...['report/', 'report/svg/', 'report/terminal/'],
      ...['deployment/', 'testing/']
    ]
    assert.deepEqual(
      [...folders].sort(),
      [
        '',
        'dist/',
        'docs/',
        'docs/platforms/',
        ...sources.map((folder) => `dist/${folder}`),
        ...sources
      ].sort()
    )
    const top = packed.files.map(({ path }) => path).filter((path) => !path.includes('/'))
    assert.deepEqual(top.sort(), ['CHANGELOG.md', 'LICENSE', 'README.md', 'index.ts', 'package.json'])
  })

  test('has nothing that publint would warn of', async () => {
    const { messages, pkg } = await publint({ pkgDir: join(project, 'package'), strict: true, pack: false })
    assert.deepEqual(
      messages.map((message) => formatMessage(message, pkg as never)),
      []
    )
  })

  test('is imported', async () => {
    const source = `
      import Fastify from 'fastify'
      import lifecycle, { channels, fastifyLifecycle } from 'fastify-lifecycle'
      import { formatReport } from 'fastify-lifecycle/report'
      const app = Fastify()
      await app.register(lifecycle)
      channels.phase.subscribe(({ phase }) => console.log(phase))
      await app.close()
      console.log(lifecycle === fastifyLifecycle, app.lifecycle.phase, typeof formatReport)`
    const phases = 'lameDuck\ndraining\nclosing\nclosed'
    assert.equal(await program('import.mjs', source), `${phases}\ntrue closed function`)
  })

  test('has a command, where package.json says', async () => {
    const { bin } = JSON.parse(await readFile(join(project, 'package/package.json'), 'utf8'))
    const path = join(project, 'node_modules/fastify-lifecycle', bin['fastify-lifecycle'])
    const { stdout } = await run(node, [path, 'deploy', '--for', 'pm2', '--deadline', '4000'])
    assert.match(stdout, /"kill_timeout": 5000/)
  })

  test('has its deployment values to import and to require', async () => {
    const shown = 'console.log(deploymentFor({}).kubernetes.terminationGracePeriodSeconds)'
    const from = "'fastify-lifecycle/deployment'"
    assert.equal(await program('deployment.mjs', `import { deploymentFor } from ${from}\n${shown}`), '30')
    assert.equal(
      await program('deployment.cjs', `const { deploymentFor } = require(${from})\n${shown}`),
      '30'
    )
  })

  test('has its test kit to import and to require, and both meet the app of either', async () => {
    const shown = `
      const kill = async () => {
        const app = Fastify()
        await app.register(lifecycle)
        const { exitCode, report } = await fakeProcess(app).kill('SIGTERM')
        console.log(exitCode, report.reason.signal)
      }
      kill()`
    const names = ['Fastify', 'lifecycle', '{ fakeProcess }']
    const modules = ['fastify', 'fastify-lifecycle', 'fastify-lifecycle/testing']
    const lines = (line: (name: string, from: string) => string) =>
      names.map((name, index) => line(name, `'${modules[index]}'`)).join('\n') + shown
    const imported = lines((name, from) => `import ${name} from ${from}`)
    const required = lines((name, from) => `const ${name} = require(${from})`)
    assert.equal(await program('testing.mjs', imported), '0 SIGTERM')
    assert.equal(await program('testing.cjs', required), '0 SIGTERM')
  })

  test('is required, and is the plugin itself', async () => {
    const source = `
      const Fastify = require('fastify')
      const lifecycle = require('fastify-lifecycle')
      const app = Fastify()
      app.register(lifecycle).ready()
        .then(() => app.close())
        .then(() => console.log(
          typeof lifecycle, lifecycle.default === lifecycle, lifecycle.fastifyLifecycle === lifecycle, app.lifecycle.phase,
          lifecycle.channels.report.name
        ))`
    assert.equal(await program('require.cjs', source), 'function true true closed fastify-lifecycle:report')
  })

  for (const how of [{}, { minify: true }, { keepNames: true }, { minify: true, keepNames: true }]) {
    test(`may be bundled with esbuild, ${JSON.stringify(how)}: the watchdog's thread still works`, async () => {
      const source = `
        import Fastify from 'fastify'
        import lifecycle from 'fastify-lifecycle'
        async function main() {
          const app = Fastify()
          await app.register(lifecycle, { deadline: 1_500 })
          app.onShutdown('stuck', () => { for (;;) {} })
          await app.listen({ port: 0 })
          process.kill(process.pid, 'SIGTERM')
        }
        main()`
      const entry = join(project, 'bundle-me.mjs')
      await writeFile(entry, source)
      const outfile = join(project, `bundle${Object.keys(how).join('')}.cjs`)
      await build({
        entryPoints: [entry],
        outfile,
        bundle: true,
        platform: 'node',
        logLevel: 'error',
        ...how
      })
      const ended = await run(node, [outfile], { cwd: project }).catch((error) => error)
      assert.equal(ended.signal, 'SIGKILL', ended.stderr)
      const line = JSON.parse(ended.stderr)
      assert.equal(line.code, 'LIFECYCLE_HARD_KILL')
      assert.equal(line.hooks[0].name, 'stuck')
    })
  }

  for (const [module, moduleResolution, type] of [
    ['nodenext', 'nodenext', 'module'],
    ['nodenext', 'nodenext', 'commonjs'],
    ['esnext', 'bundler', 'module']
  ] as const) {
    test(`has types for a user's ${type} project with moduleResolution ${moduleResolution}`, async () => {
      const directory = await typesProject(`types-${moduleResolution}-${type}`, type)
      await cp(join(root, 'test/package/project/user.ts'), join(directory, 'user.ts'))
      await compiles(directory, { module, moduleResolution })
    })
  }

  test('has types for each block of docs/telemetry.md', async () => {
    const directory = await typesProject('docs-telemetry', 'module')
    const text = await readFile(join(root, 'docs/telemetry.md'), 'utf8')
    const blocks = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block]) => block as string)
    assert.ok(blocks.length >= 5)
    for (const [index, block] of blocks.entries()) {
      await writeFile(join(directory, `block-${index}.ts`), block)
    }
    for (const example of ['opentelemetry.ts', 'prometheus.ts']) {
      await cp(join(root, 'examples/telemetry', example), join(directory, example))
    }
    await compiles(directory, {
      module: 'nodenext',
      moduleResolution: 'nodenext',
      allowImportingTsExtensions: true
    })
  })
})
