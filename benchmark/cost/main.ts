import { installSubjects } from '../install.ts'
import { writePage } from '../page/write.ts'
import { costRun } from './cost.ts'

// npm run bench -- cost [--quick]: only what each subject costs, and the page with that.

const begin = performance.now()
const say = (text: string) => {
  const seconds = Math.round((performance.now() - begin) / 1_000)
  console.log(`${seconds} s`.padStart(6), text)
}

say('Installing what is compared …')
installSubjects()
await costRun({ quick: process.argv.includes('--quick'), onPart: (name) => say(`Measuring ${name} …`) })
writePage()
say('docs/comparison.md shows what was found.')
