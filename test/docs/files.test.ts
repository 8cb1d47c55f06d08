import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { integrations } from '../recipes/integrations.ts'
import { filesIn, withFiles } from './files.ts'
import { inRoot, writtenPages } from './pages.ts'
import { samplesIn } from './samples.ts'

const pages = writtenPages()

for (const { path, text } of pages.filter(({ text }) => filesIn(text).length > 0)) {
  test(`${path} shows files as they are: \`npm run docs\` writes them`, () => {
    assert.equal(text, withFiles(text))
  })
}

for (const folder of ['testing', 'nestjs', 'serverless', 'docker', 'windows']) {
  test(`every file of examples/${folder} is shown`, () => {
    const programs = pages.flatMap(samplesIn)
    const shown = [...pages.flatMap(({ text }) => filesIn(text)), ...programs.map(({ path }) => `${path}.ts`)]
    const names = readdirSync(inRoot(`examples/${folder}`), { recursive: true, encoding: 'utf8' })
    const files = names.map((name) => `examples/${folder}/${name.replaceAll('\\', '/')}`)
    for (const file of files.filter((name) => /\.\w+$|Dockerfile$/.test(name))) {
      assert.ok(shown.includes(file), `no page shows ${file}`)
    }
  })
}

for (const { name } of integrations) {
  test(`the recipe of examples/integrations/${name} is shown`, () => {
    assert.ok(
      pages.some(({ text }) => filesIn(text).includes(`examples/integrations/${name}/with.js`)),
      name
    )
  })
}
