import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { channels } from '../../index.ts'
import { Lifecycle } from '../../lib/app/lifecycle.ts'
import { settingsOf } from '../../lib/options/settings.ts'
import { errors } from './errors-page.ts'
import { inRoot, type Page, pages, writtenPages } from './pages.ts'

// Every name that a user can meet is on some page, and every name on a page exists.

const written = writtenPages().filter(({ path }) => path !== 'CHANGELOG.md')
const readme = written.find(({ path }) => path === 'README.md') as Page
const lifecyclePage = written.find(({ path }) => path === 'docs/lifecycle.md') as Page
const everything = written.map(({ text }) => text).join('\n')

/** Each name that the pattern finds, with the first page that has it. */
function namesIn(among: readonly Page[], pattern: RegExp): Map<string, string> {
  const found = new Map<string, string>()
  for (const { path, text } of among) {
    for (const [, name] of text.matchAll(pattern))
      if (!found.has(name as string)) found.set(name as string, path)
  }
  return found
}

/** All sources of the package. */
function sources(): string {
  const { c8 } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as { c8: { include: string[] } }
  const folders = c8.include.filter((path) => path.includes('/')).map((path) => path.split('/')[0] as string)
  const paths = folders.flatMap((folder) =>
    readdirSync(inRoot(folder), { recursive: true }).map((name) => `${folder}/${name}`)
  )
  return paths
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(inRoot(path), 'utf8'))
    .join('\n')
}

/** The codes of log lines and warnings. */
const codes = new Set([...sources().matchAll(/'(LIFECYCLE_[A-Z_]+)'/g)].map(([, code]) => code as string))

function knownOptions(): string[] {
  try {
    settingsOf({ zzz: true } as never, {})
  } catch (error) {
    return /Known are: (.*)\./.exec((error as Error).message)?.[1]?.split(', ') ?? []
  }
  return []
}

const members = Object.getOwnPropertyNames(Lifecycle.prototype).filter((name) => name !== 'constructor')

describe('a name that exists is documented', () => {
  test('options: in the table of the README', () => {
    assert.ok(knownOptions().length >= 13)
    for (const name of knownOptions()) {
      assert.ok(new RegExp(`^\\| \`${name}\` +\\|`, 'm').test(readme.text), name)
    }
  })

  test('members of app.lifecycle: in the table of the lifecycle page', () => {
    for (const name of members) {
      assert.ok(new RegExp(`^\\| .*\`${name}(\\(.*\\))?\`.* \\|`, 'm').test(lifecyclePage.text), name)
    }
  })

  test('error codes', () => {
    for (const code of Object.keys(errors)) assert.ok(everything.includes(code), code)
  })

  test('codes of log lines and warnings', () => {
    assert.ok(codes.size >= 10)
    for (const code of codes) assert.ok(new RegExp(`\\b${code}\\b`).test(everything), code)
  })

  test('channels', () => {
    const names = Object.entries(channels).map(([name, channel]) =>
      name === 'hook' ? 'tracing:fastify-lifecycle:hook' : (channel as { name: string }).name
    )
    for (const name of names) assert.ok(everything.includes(name), name)
  })

  test('subpaths of the package, and scripts of the project', () => {
    const { exports, scripts } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as {
      exports: object
      scripts: object
    }
    for (const subpath of Object.keys(exports)) {
      if (/^\.\/[a-z]+$/.test(subpath))
        assert.ok(everything.includes(`fastify-lifecycle${subpath.slice(1)}`), subpath)
    }
    const contributing = written.find(({ path }) => path === 'CONTRIBUTING.md') as Page
    for (const script of Object.keys(scripts)) {
      const command = script === 'test' ? 'npm test' : `npm run ${script}`
      if (script !== 'prepack') assert.ok(contributing.text.includes(command), script)
    }
  })
})

describe('a name that is documented exists', () => {
  test('error codes', () => {
    for (const [code, path] of namesIn(pages(), /\b(FST_LIFECYCLE_[A-Z_]+[A-Z])\b/g)) {
      assert.ok(Object.hasOwn(errors, code), `${path}: ${code}`)
    }
    for (const [end, path] of namesIn(pages(), /`…_([A-Z_]+)`/g)) {
      assert.ok(Object.hasOwn(errors, `FST_LIFECYCLE_${end}`), `${path}: …_${end}`)
    }
  })

  test('codes of log lines and warnings', () => {
    for (const [code, path] of namesIn(pages(), /(?<![A-Z_])(LIFECYCLE_[A-Z_]+[A-Z])\b/g)) {
      assert.ok(codes.has(code), `${path}: ${code}`)
    }
  })

  test('members of app.lifecycle', () => {
    for (const [name, path] of namesIn(written, /\b(?:app|fastify|this)\.lifecycle\.(\w+)/g)) {
      assert.ok(members.includes(name), `${path}: ${name}`)
    }
  })

  test('channels', () => {
    const known = [...Object.keys(channels), '*']
    for (const [name, path] of namesIn(written, /`(?:tracing:)?fastify-lifecycle:(\w+)/g)) {
      assert.ok(known.includes(name), `${path}: ${name}`)
    }
  })

  test('scripts of the project', () => {
    const { scripts } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as { scripts: object }
    for (const [name, path] of namesIn(written, /\bnpm run ([\w:-]+)/g)) {
      assert.ok(Object.hasOwn(scripts, name), `${path}: ${name}`)
    }
    const files = readdirSync(inRoot('test'), { recursive: true }).map((name) =>
      `${name}`.replaceAll('\\', '/')
    )
    const tests = files.filter((file) => file.endsWith('.test.ts'))
    for (const [part, path] of namesIn(written, /\bnpm test -- (\w[\w/.-]*)/g)) {
      const isThere = part === 'pasted' || tests.some((file) => file.includes(part))
      assert.ok(isThere, `${path}: ${part}`)
    }
    const programs = readFileSync(inRoot('scripts/run.mjs'), 'utf8')
    for (const [command, path] of namesIn(written, /\bnpm run ((?:bench|demo|docs|soak) -- \w+)/g)) {
      const [script, word] = command.split(' -- ')
      assert.match(programs, new RegExp(`\\b${script}: \\{[^}]*\\b${word}: '`), `${path}: ${command}`)
    }
  })
})
