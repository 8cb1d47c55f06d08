import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { filesIn, withFiles } from './files.ts'
import { pages, samplesIn } from './samples.ts'

const root = new URL('../../../', import.meta.url)
const texts = pages().map((page) => ({ page, text: readFileSync(page, 'utf8') }))

for (const { page, text } of texts.filter(({ text }) => filesIn(text).length > 0)) {
  test(`${page.pathname.slice(root.pathname.length)} shows files as they are: \`npm run docs\` writes them`, () => {
    assert.equal(text, withFiles(text))
  })
}

for (const folder of ['testing', 'nestjs', 'serverless', 'docker', 'windows']) {
  test(`every file of examples/${folder} is shown`, () => {
    const programs = pages().flatMap(samplesIn)
    const shown = [...texts.flatMap(({ text }) => filesIn(text)), ...programs.map(({ path }) => `${path}.ts`)]
    const names = readdirSync(new URL(`examples/${folder}`, root), { recursive: true, encoding: 'utf8' })
    const files = names.map((name) => `examples/${folder}/${name.replaceAll('\\', '/')}`)
    for (const file of files.filter((name) => /\.\w+$|Dockerfile$/.test(name))) {
      assert.ok(shown.includes(file), `no page shows ${file}`)
    }
  })
}
