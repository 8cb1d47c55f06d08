import { compare } from './comparison.ts'
import { environment } from './environment.ts'
import { footprints } from './footprint.ts'
import { generations } from './generations.ts'
import { markdownOf } from './markdown.ts'
import { method } from './method.ts'
import { type Results, saveResults, showInReadme } from './results.ts'
import { overHttp, withoutNetwork } from './subject.ts'
import { variants } from './variants.ts'

// What the plugin costs until a shutdown begins. The method is described in the README.

console.log('Over HTTP …')
const http = await generations(variants, method.generationsOverHttp, overHttp)
console.log('Without a network …')
const routing = await generations(variants, method.generationsWithoutNetwork, withoutNetwork)
console.log('Starting …')

const results: Results = {
  environment: environment(),
  method,
  overHttp: { cpu: compare(http, 'cpu'), elapsed: compare(http, 'elapsed') },
  withoutNetwork: { cpu: compare(routing, 'cpu') },
  footprint: await footprints()
}

const markdown = markdownOf(results)
console.log(`\n${markdown}`)
saveResults(results)
showInReadme(markdown)
