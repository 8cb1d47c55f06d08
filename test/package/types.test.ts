import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { kinds, members, programFor } from './instances.ts'
import { filesOnPage } from './runners.ts'
import { root, User } from './user.ts'

const compilers = {
  'TypeScript 5.9': 'typescript-5.9',
  'TypeScript 6': 'typescript-6',
  'TypeScript 7': 'typescript'
}

// The same program as an ES module and as CommonJS, in one and the same compilation: nothing that the
// package says of Fastify may be said twice.
const mixed = ['user.mts', 'user.cts', 'app.mts', 'commonjs.ts']
const projects = {
  nodenext: { module: 'nodenext', files: mixed },
  node16: { module: 'node16', files: mixed },
  bundler: { module: 'preserve', moduleResolution: 'bundler', files: [...mixed, 'user.ts'] }
}
const cells = Object.keys(kinds).flatMap((kind, row) =>
  Object.keys(members).map((member, column) => ({ file: `instances/${row}-${column}.mts`, kind, member }))
)
const old = { module: 'commonjs', moduleResolution: 'node10', esModuleInterop: true, files: ['user.ts'] }

describe('the types of the packed package', { concurrency: 2 }, () => {
  let user: User
  after(() => user.remove())
  before(async () => {
    user = await User.withPackage()
    const program = await readFile(join(root, 'test/package/project/user.ts'), 'utf8')
    for (const name of ['user.ts', 'user.mts', 'user.cts']) await user.write(name, program)
    for (const [name, code] of await filesOnPage('docs/modules.md')) await user.write(name, code)
    for (const { file, kind, member } of cells) await user.write(file, programFor(kind, member))
  })

  for (const [name, compiler] of Object.entries(compilers)) {
    test(`fit a user's program, by ${name} with ${Object.keys(projects).join(', ')}`, async () => {
      const configs = Object.entries(projects).map((project) => configure(compiler, ...project))
      await compiles(compiler, await Promise.all(configs))
    })
  }

  test("fit a user's program, by TypeScript 5.9 with node10", async () => {
    await compiles('typescript-5.9', [await configure('typescript-5.9', 'node10', old)])
  })

  for (const [name, compiler] of Object.entries(compilers)) {
    test(`fit every kind of instance under the strictest settings, by ${name}`, async () => {
      const settings = { module: 'nodenext', exactOptionalPropertyTypes: true }
      const files = cells.map(({ file }) => file)
      await compiles(compiler, [await configure(compiler, 'instances', { ...settings, files })])
    })
  }

  test('are said on the page to fit what is compiled here', async () => {
    const page = await readFile(join(root, 'docs/modules.md'), 'utf8')
    const said = [...page.matchAll(/^\| (.+) \| yes \| yes \| yes \|$/gm)].map(([, kind]) => kind)
    assert.deepEqual(said, Object.keys(kinds))
    const list = page.split('was compiled with each of these:\n\n')[1]?.split('\n\n')[0]
    assert.equal(
      list,
      Object.keys(members)
        .map((member) => `- ${member}`)
        .join('\n')
    )
    assert.ok(page.includes(`| kind of instance | ${Object.keys(compilers).join(' | ')} |`))
  })

  async function configure(
    compiler: string,
    name: string,
    { files, ...settings }: Settings
  ): Promise<string> {
    const common = { target: 'es2022', lib: ['es2023', 'esnext.disposable'], types: ['node'], strict: true }
    // With these two, what the package declares is checked as well, with all that it stands on.
    const compilerOptions = {
      ...common,
      ...settings,
      noEmit: true,
      skipLibCheck: !['nodenext', 'instances'].includes(name)
    }
    const config = `${compiler}-${name}.json`
    await user.write(config, JSON.stringify({ compilerOptions, files }))
    return config
  }

  /** In one build, in which what all of them read is read once. */
  async function compiles(compiler: string, configs: readonly string[]): Promise<void> {
    const { stdout, code } = await user.node(
      join(root, 'node_modules', compiler, 'bin/tsc'),
      '-b',
      ...configs
    )
    assert.deepEqual([stdout, code], ['', 0])
  }
})

interface Settings {
  readonly files: readonly string[]
  readonly [setting: string]: unknown
}
