import { nearest } from '../../lib/validation/nearest.ts'
import type { Page } from '../findings/page.ts'
import type { Instruction } from './instructions.ts'

// biome-ignore format: a list of names
const known = [
  'ADD', 'ARG', 'CMD', 'COPY', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'FROM', 'HEALTHCHECK', 'LABEL', 'MAINTAINER', 'ONBUILD',
  'RUN', 'SHELL', 'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR'
]

/**
 * Reports the first word that is no instruction. Docker cannot build such a file, or the file is no Dockerfile.
 */
export function checkNames(page: Page, instructions: readonly Instruction[]): void {
  const unknown = instructions.find(({ name }) => !known.includes(name))
  if (unknown === undefined) return
  const similar = nearest(unknown.name, known)
  const remedy =
    similar === undefined
      ? 'Mend the line, or render the file first if it is a template'
      : `Did you mean \`${similar}\`?`
  page.cannotRead(unknown.at, '', 'this line begins with no instruction of a Dockerfile', remedy)
}
