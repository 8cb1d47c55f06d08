import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { deploymentFor } from 'fastify-lifecycle/deployment'
import { inRoot, writtenPages } from './pages.ts'
import { render, samplesIn } from './samples.ts'

test('the numbers in the configuration that the pages show are those that come out', async () => {
  const samples = writtenPages()
    .flatMap(samplesIn)
    .filter(({ path }) => path.startsWith('examples/deployment/'))
  assert.ok(samples.length >= 5)
  for (const sample of samples) assert.equal(sample.shown, (await render(sample)).shown)
})

test('the nginx that docs/deployment.md tells before a server is the generated one, with a server taken out', () => {
  const page = readFileSync(inRoot('docs/deployment.md'), 'utf8')
  const [, shown] = /^```nginx\n(.*?)^```/ms.exec(page) ?? []
  const { nginx } = deploymentFor({ lameDuck: 3_000 }, { name: 'orders', hosts: ['10.0.0.7', '10.0.0.8'] })
  const [generated] = /^upstream .*?^}\n/ms.exec(nginx.toText()) ?? []
  assert.equal(shown, generated?.replace('=1s;', '=1s down;'))
})
