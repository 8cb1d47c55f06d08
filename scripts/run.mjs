// Builds, and runs a program of the project: `npm run bench -- rolling --quick` is `node scripts/run.mjs bench
// rolling --quick`. Without a word after it, a script runs the first of its programs.
import { buildProject, compiled } from './built.mjs'

const programs = {
  demo: { demo: 'examples/demo/demo.js', bank: 'examples/bank/main.js' },
  bench: {
    plugin: 'benchmark/steady-state.js',
    import: 'benchmark/import-time.js',
    close: 'benchmark/close-time.js',
    rolling: 'benchmark/rolling/rolling.js',
    compare: 'benchmark/compare.js',
    cost: 'benchmark/cost/main.js',
    mutation: 'benchmark/mutation/main.js'
  },
  soak: {
    soak: 'test/soak/main.js',
    data: 'test/data/main.js',
    orders: 'test/orders/main.js',
    sockets: 'test/sockets/main.js'
  },
  docs: {
    docs: 'test/docs/write.js',
    api: 'test/docs/write-api.js',
    drain: 'test/process/drain/table.js',
    recipes: 'test/recipes/table.js',
    runners: 'test/recipes/runners.js',
    windows: 'test/windows/table.js'
  }
}

const [script, ...given] = process.argv.slice(2)
const words = programs[script] ?? {}
const isWord = given[0] !== undefined && !given[0].startsWith('-')
const word = isWord ? given[0] : Object.keys(words)[0]
if (!Object.hasOwn(words, word)) {
  throw new Error(`npm run ${script} -- ${word}: unknown. Known are ${Object.keys(words).join(', ')}.`)
}

buildProject()
const file = compiled(words[word])
process.argv = [process.execPath, file.pathname, ...given.slice(isWord ? 1 : 0)]
await import(file)
