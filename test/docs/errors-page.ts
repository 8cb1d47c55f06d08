import { readFileSync } from 'node:fs'
import * as ofTheLibrary from '../../lib/errors.ts'
import * as ofTheTestKit from '../../testing/errors.ts'
import { withGenerated } from './generated.ts'
import { inRoot } from './pages.ts'

/** Every error with a code. */
export const errors: Readonly<Record<string, unknown>> = { ...ofTheLibrary, ...ofTheTestKit }

const sources = ['lib/errors.ts', 'testing/errors.ts']
  .map((path) => readFileSync(inRoot(path), 'utf8'))
  .join('\n')

/** `docs/errors.md` with every error that is there now. */
export function errorsPage(): string {
  const rows = Object.entries(errors).map(
    ([code, CodedError]) =>
      `| \`${code}\` | ${momentOf(code)} | ${messageOf(new (CodedError as new () => Error)())} |`
  )
  const table = ['| code | when | message |', '|---|---|---|', ...rows.sort()].join('\n')
  return withGenerated(readFileSync(inRoot('docs/errors.md'), 'utf8'), 'errors', table)
}

/** What the comment before it says, without what it says about the blanks in the message. */
function momentOf(code: string): string {
  const comment = new RegExp(`/\\*\\* ([^\\n]*) \\*/\\nexport const ${code}\\b`).exec(sources)?.[1]
  if (comment === undefined) throw new Error(`${code} has no comment`)
  return comment.replace(/[:.](?: .*|$)/, '').replaceAll('|', '\\|')
}

/** Without arguments the blanks are still in it. */
function messageOf({ message }: Error): string {
  return message.replaceAll('%s', '…').replaceAll('|', '\\|')
}
