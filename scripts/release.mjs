// Fails where a tag is not what is about to be published: the version in package.json, with an entry
// of its own in CHANGELOG.md.
import { readFileSync } from 'node:fs'

const [tag] = process.argv.slice(2)
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const changelog = readFileSync(new URL('../CHANGELOG.md', import.meta.url), 'utf8')

if (tag !== `v${version}`) {
  throw new Error(
    `The tag is ${tag}, but package.json says ${version}: tag it as v${version}, or raise the version.`
  )
}
if (!changelog.includes(`\n## [${version}]`)) {
  throw new Error(`CHANGELOG.md has no entry for ${version}: rename [Unreleased] to [${version}].`)
}
