// Holds the rules of prose (prose/rules.mjs) over all pages, the comments and messages of the published code, and
// the names of the tests. Prints what breaks a rule; the exit code is 1 where anything does.
// `node scripts/prose.mjs docs/hooks.md lib/hooks` reads only those. `--count` prints sentences and words a page.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { namesOfTests, passagesOfCode } from './prose/code.mjs'
import { passagesOfPage } from './prose/pages.mjs'
import { findingsIn, longestSentence, sentencesOf } from './prose/rules.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const only = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const published = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).c8.include
const codeFolders = published.filter((path) => path.includes('/')).map((path) => path.split('/')[0])

/** Not those of `node_modules`: that of `examples/integrations/` has a link back to the project. */
function filesIn(folder, extension) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = `${folder}/${entry.name}`
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesIn(name, extension)
    return name.endsWith(extension) ? [name] : []
  })
}

const kinds = [
  {
    names: [
      ...readdirSync(root).filter((name) => name.endsWith('.md')),
      // `docs/api` is made of the comments, which are read below.
      ...['docs', 'examples', 'benchmark']
        .flatMap((folder) => filesIn(folder, '.md'))
        .filter((name) => !name.startsWith('docs/api/'))
    ],
    passages: passagesOfPage
  },
  {
    names: ['index.ts', ...codeFolders.flatMap((folder) => filesIn(folder, '.ts'))].filter(
      (name) => !name.endsWith('thread-text.ts')
    ),
    passages: passagesOfCode
  },
  { names: filesIn('test', '.test.ts'), passages: namesOfTests }
]

/** A cell with a number, or a name, is no prose. */
function isProse({ text }) {
  return /(?:[A-Za-z'-]+[ ,.;:]+){2}/.test(text)
}

const passages = kinds.flatMap(({ names, passages }) =>
  names
    .filter((name) => only.length === 0 || only.some((one) => name.startsWith(one)))
    .flatMap((name) => passages(name, readFileSync(join(root, name), 'utf8')))
    .filter(isProse)
)

/** Sentences and words of each file, for those who shorten it. */
function printCounts() {
  for (const path of new Set(passages.map(({ path }) => path))) {
    const sentences = passages.filter((one) => one.path === path).flatMap(({ text }) => sentencesOf(text))
    const words = sentences.reduce((sum, { count }) => sum + count, 0)
    console.log(`${path}: ${sentences.length} sentences, ${words} words`)
  }
}

let problems = 0
for (const { path, line, text } of passages) {
  for (const { rule, reason } of findingsIn(text)) {
    problems++
    console.log(`${path}:${line} ${rule}: ${reason}`)
  }
}
if (process.argv.includes('--count')) printCounts()
console.log(
  problems === 0
    ? `Prose: ${passages.length} passages, no sentence over ${longestSentence} words.`
    : `${problems} problems in ${passages.length} passages of prose`
)
process.exitCode = problems === 0 ? 0 : 1
