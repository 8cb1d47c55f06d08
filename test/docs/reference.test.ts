import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, describe, test } from 'node:test'
import { healthOf } from '../../lib/health/settings.ts'
import { settingsOf } from '../../lib/options/settings.ts'
import { errorsPage } from './errors-page.ts'
import { mistakes } from './mistakes.ts'
import { optionsIn, optionsPage, tagged } from './options-page.ts'
import { inRoot } from './pages.ts'
import { committedReference, makeReference, type Reference } from './reference.ts'

describe('what is written from the code', () => {
  let reference: Reference

  before(async () => {
    reference = await makeReference()
  })

  test('docs/api is as the code is now: `npm run docs -- api` writes it', () => {
    assert.deepEqual(committedReference(), reference.pages)
  })

  test('docs/options.md is as the code is now: `npm run docs` writes it', async () => {
    assert.equal(readFileSync(inRoot('docs/options.md'), 'utf8'), await optionsPage(reference.model))
  })

  test('docs/errors.md is as the code is now: `npm run docs` writes it', () => {
    assert.equal(readFileSync(inRoot('docs/errors.md'), 'utf8'), errorsPage())
  })

  test('every option has an explanation, a default and an example', () => {
    const interfaces = reference.model.children?.flatMap((module) => module.children ?? []) ?? []
    const options = interfaces
      .filter(({ name }) => /Options$|^HookSchedule$|^RouteLifecycle$/.test(name))
      .flatMap((one) => (one.children ?? []).map((option) => [`${one.name}.${option.name}`, option] as const))
    assert.ok(options.length >= 50, `${options.length}`)
    for (const [name, option] of options) {
      assert.ok(option.comment?.summary.length, `${name} has no explanation`)
      assert.ok(tagged(option, '@example'), `${name} has no @example`)
      assert.ok(tagged(option, '@default') || !option.flags.isOptional, `${name} has no @default`)
    }
  })

  test('every option of the plugin is on the page with a mistake', () => {
    const names = optionsIn(reference.model).map(({ name }) => name)
    assert.deepEqual(Object.keys(mistakes).sort(), names.sort())
  })

  test('a default that is written as a value is the one that is used', () => {
    const health = healthOf({})
    const settings = settingsOf({}, {})
    const used: Readonly<Record<string, unknown>> = {
      ...settings,
      ...Object.fromEntries(Object.entries(health).map(([name, value]) => [`health.${name}`, value])),
      'websocket.code': settings.websocket.code,
      'websocket.reason': settings.websocket.reason
    }
    const compared = []
    for (const { name, reflection } of optionsIn(reference.model)) {
      const written = /^`?(\d+|true|false|'[^']*'|\[[^;]*\])(?=$|[`,;])/.exec(
        tagged(reflection, '@default') ?? ''
      )?.[1]
      if (
        written === undefined ||
        !(name in used) ||
        (typeof used[name] === 'object') !== written.startsWith('[')
      )
        continue
      assert.deepEqual(used[name], JSON.parse(written.replaceAll("'", '"')), name)
      compared.push(name)
    }
    assert.ok(compared.length >= 14, compared.join(', '))
  })
})
