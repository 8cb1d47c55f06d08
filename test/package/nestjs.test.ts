import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { cleanup } from '../support/cleanup.ts'
import { request } from '../support/client.ts'
import { inTime, Late } from '../support/in-time.ts'
import { Program } from '../support/program.ts'
import { tool } from './runners.ts'
import { root, User } from './user.ts'

// The example for NestJS, as a user of each version of Nest has it: compiled against its types, and signalled with
// an order in flight.

/** What of Fastify's family Nest 10 must be given, because it brings Fastify 4; as the page shows it. */
const forFastify5 = {
  '@nestjs/platform-fastify': {
    fastify: '^5.3.0',
    '@fastify/cors': '^10.0.0',
    '@fastify/formbody': '^8.0.0',
    '@fastify/middie': '^9.0.0'
  }
}

// nestjs-pino is a middleware for all routes, which Nest 10 writes in a way that middie for Fastify 5 does not know.
const versions = [
  { nest: 10, pino: 'nestjs-pino@4', overrides: forFastify5, programs: ['main'] },
  { nest: 11, pino: 'nestjs-pino@4', programs: ['main', 'with-pino'] },
  { nest: 12, pino: 'nestjs-pino@5', programs: ['main', 'with-pino'] }
]

const files = {
  'orders.ts': 'examples/nestjs/orders.ts',
  'main.ts': 'examples/nestjs/main.ts',
  'with-pino.ts': 'examples/nestjs/with-pino.ts',
  'alone.ts': 'test/fixtures/nestjs-alone.ts'
}

const compilerOptions = {
  ...{ module: 'nodenext', target: 'es2022', types: ['node'], outDir: 'compiled' },
  ...{ rewriteRelativeImportExtensions: true, experimentalDecorators: true, verbatimModuleSyntax: true },
  ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: true }
}

describe('the packed package with NestJS', { skip: process.platform === 'win32' }, () => {
  for (const { nest, pino, overrides, programs } of versions) {
    test(`${nest} compiles, lets the order in flight end, and exits 0; Nest alone does not`, async (t) => {
      const user = await User.withPackage({
        manifest: { type: 'module', ...(overrides && { overrides }) },
        packages: [
          ...['core', 'common', 'platform-fastify'].map((part) => `@nestjs/${part}@${nest}`),
          ...[pino, 'pino', 'pino-http', 'reflect-metadata', 'rxjs']
        ]
      })
      cleanup(t, () => user.remove())
      for (const [name, path] of Object.entries(files)) {
        const program = await readFile(join(root, path), 'utf8')
        await user.write(name, program.replace('../../examples/nestjs/', './'))
      }
      await user.write('tsconfig.json', JSON.stringify({ compilerOptions }))
      for (const compiler of ['typescript-5.9', 'typescript']) {
        const { stdout, code } = await user.node(tool(`${compiler}/bin/tsc`))
        assert.deepEqual([stdout, code], ['', 0], compiler)
      }

      for (const program of programs) {
        const { status, end, output } = await signalled(t, user, program)
        assert.deepEqual([status, end], [201, { code: 0, signal: null }], output)
        assert.match(output, /order: written\n.*nest: onModuleDestroy.*onApplicationShutdown, SIGTERM/s)
      }
      await inTime(t, async () => {
        const { status, end, output } = await signalled(t, user, 'alone')
        if (status === 201) throw new Late('the signal')
        assert.deepEqual([status, end], [500, { code: null, signal: 'SIGTERM' }], output)
      })
    })
  }

  test('10 is given on the page what makes it run on Fastify 5', async () => {
    const page = await readFile(join(root, 'docs/platforms/nestjs.md'), 'utf8')
    const [, shown] = /```json\n(.+?)```/s.exec(page) as RegExpExecArray
    assert.deepEqual(JSON.parse(shown as string), { overrides: forFastify5 })
  })
})

/** What became of the order in flight, and of the process. */
async function signalled(t: TestContext, { directory }: User, program: string) {
  const path = join(directory, 'compiled', `${program}.js`)
  const service = new Program(t, process.execPath, [path], { PORT: '0', NODE_V8_COVERAGE: '' })
  const order = request(await service.listens(), '/orders', { method: 'POST' })
  await service.prints(/incoming request/)
  service.kill('SIGTERM')
  return { status: (await order).status, end: await service.exited, output: service.output }
}
