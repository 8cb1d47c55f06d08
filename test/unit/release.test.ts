import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = new URL('../../../', import.meta.url)
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))

function releasing(tag: string): string {
  const script = fileURLToPath(new URL('scripts/release.mjs', root))
  const { status, stderr } = spawnSync(process.execPath, [script, tag], { encoding: 'utf8' })
  return `${status} ${/Error: (.*)/.exec(stderr)?.[1] ?? ''}`
}

test('nothing is released under a tag that is not its version', () => {
  assert.match(releasing('v0.0.0'), new RegExp(`^1 The tag is v0.0.0, but package.json says ${version}`))
})

test('nothing is released without an entry in the changelog', () => {
  const hasEntry = readFileSync(new URL('CHANGELOG.md', root), 'utf8').includes(`\n## [${version}]`)
  assert.match(releasing(`v${version}`), hasEntry ? /^0 $/ : /^1 CHANGELOG\.md has no entry for/)
})

test('every action of a workflow is pinned by its hash, and no job fetches a tool without a version', () => {
  const workflows = new URL('.github/workflows/', root)
  const lines = readdirSync(workflows).flatMap((file) =>
    readFileSync(new URL(file, workflows), 'utf8').split('\n')
  )
  const uses = lines.filter((line) => line.includes('uses:'))
  assert.ok(uses.length > 0)
  for (const line of uses) assert.match(line, /uses: [\w/-]+@[0-9a-f]{40} # v\d/)
  assert.deepEqual(
    lines.filter((line) => /\bnpx\b/.test(line)),
    []
  )
})
