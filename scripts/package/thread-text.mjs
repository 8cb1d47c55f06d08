import { writeFileSync } from 'node:fs'
import { build } from 'esbuild'

/**
 * Writes the watchdog's thread as one text, in JavaScript so plain that no compiler of a user's bundle has a
 * reason to touch it.
 */
export async function writeThreadText() {
  const { outputFiles } = await build({
    entryPoints: ['lib/watchdog/thread-main.ts'],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'es2019',
    minify: true,
    write: false
  })
  const text = JSON.stringify(outputFiles[0].text)
  writeFileSync(
    'lib/watchdog/thread-text.ts',
    `// Made of thread-main.ts by scripts/package/thread-text.mjs.\nexport const threadText: string = ${text}\n`
  )
}
