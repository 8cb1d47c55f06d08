import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

// node build/benchmark/next-tick.js: what a call of `process.nextTick` takes before and after the garbage
// was collected a few times in an idle process; with `--retain-maps-for-n-gc=1000` it stays as it is.

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** Enough for the code to get hot, and for V8 to forget a shape that nothing has had meanwhile. */
const calls = 1_000_000
const collections = 4

console.log(`${await nanosecondsPerTick()} ns`)
for (let count = 0; count < collections; count++) {
  await turn()
  collectGarbage()
}
console.log(`${await nanosecondsPerTick()} ns after ${collections} collections of the garbage`)

/** With the code hot: of two measurements, the second. */
async function nanosecondsPerTick(): Promise<number> {
  await ticks()
  const begin = process.hrtime.bigint()
  await ticks()
  return Math.round(Number(process.hrtime.bigint() - begin) / calls)
}

function ticks(): Promise<void> {
  return new Promise((resolve) => {
    let left = calls
    const next = () => {
      left--
      if (left === 0) resolve()
      else process.nextTick(next)
    }
    process.nextTick(next)
  })
}
