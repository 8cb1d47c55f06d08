import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runToEnd } from '../support/children.ts'
import { inRoot } from './pages.ts'

// The API reference, as TypeDoc makes it of the comments in the code.

/** What TypeDoc found out about the code. */
export interface Reflection {
  readonly name: string
  readonly children?: readonly Reflection[]
  readonly flags: { readonly isOptional?: boolean }
  readonly comment?: {
    readonly summary: readonly CommentPart[]
    readonly blockTags?: readonly { readonly tag: string; readonly content: readonly CommentPart[] }[]
  }
  readonly inheritedFrom?: object
}

interface CommentPart {
  readonly text: string
}

/** The pages of the reference by their path below `docs/api`, and what they were made of. */
export interface Reference {
  readonly pages: ReadonlyMap<string, string>
  readonly model: Reflection
}

/** Makes the reference anew. What TypeDoc complains about is an error. */
export async function makeReference(): Promise<Reference> {
  const directory = mkdtempSync(join(tmpdir(), 'reference-'))
  try {
    const model = join(directory, 'model.json')
    await typedoc({ API_DIRECTORY: join(directory, 'pages'), API_MODEL: model })
    return { pages: pagesIn(join(directory, 'pages')), model: JSON.parse(readFileSync(model, 'utf8')) }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** The reference that is in `docs/api`. */
export function committedReference(): Reference['pages'] {
  return pagesIn(inRoot('docs/api'))
}

function pagesIn(directory: string): Reference['pages'] {
  const paths = readdirSync(directory, { recursive: true }).map(String).sort()
  return new Map(
    paths
      .filter((path) => path.endsWith('.md'))
      .map((path) => [path.replaceAll('\\', '/'), readFileSync(join(directory, path), 'utf8')])
  )
}

async function typedoc(env: NodeJS.ProcessEnv): Promise<void> {
  const cwd = inRoot('scripts/api')
  const bin = inRoot('scripts/api/node_modules/typedoc/bin/typedoc')
  const parameters = [bin, '--options', 'typedoc.mjs']
  const { code, stdout, stderr } = await runToEnd(process.execPath, parameters, {
    cwd,
    env: { ...process.env, ...env }
  })
  if (code !== 0) throw new Error(`TypeDoc says:\n${stdout}${stderr}`)
}
