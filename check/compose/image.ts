import { join } from 'node:path'
import { type Hearing, hearingOf, type Surroundings } from '../commands/hearing.ts'
import { shellOf } from '../commands/shells.ts'
import { surroundingsOf } from '../dockerfile/files.ts'
import { type Image, imageFrom, startWords, withEntrypointOf } from '../dockerfile/image.ts'
import { instructionsIn } from '../dockerfile/instructions.ts'
import { stageNamed } from '../dockerfile/stages.ts'
import { folderOf, type ReadText } from '../files/folder.ts'
import { type Tree, within } from '../tree/tree.ts'
import { commandWords, plainOf } from './values.ts'

/** A Dockerfile that a service is built with. */
export interface Built {
  readonly path: string
  readonly target: string | undefined
}

/**
 * The Dockerfile that makes the image of a service; `undefined` if there is none, or if its text is in the
 * compose file.
 */
export function builtWith(folder: string, service: Tree): Built | undefined {
  const build = within(service, 'build')
  const context = plainOf(build) ?? plainOf(within(build, 'context')) ?? '.'
  if (
    build === undefined ||
    within(build, 'dockerfile_inline') !== undefined ||
    /^\w+:\/\/|^git@|^\/|\$/.test(context)
  )
    return undefined
  const name = plainOf(within(build, 'dockerfile')) ?? 'Dockerfile'
  return { path: join(folder, context, name), target: plainOf(within(build, 'target')) }
}

/** The image of a service, as far as the files show it. */
export function imageOf(service: Tree, built: Built | undefined, read: ReadText): Image | undefined {
  const text =
    plainOf(within(service, 'build', 'dockerfile_inline')) ??
    (built === undefined ? undefined : read(built.path))
  return text === undefined ? undefined : stageNamed(instructionsIn(text), built?.target)
}

/** The command that a service starts. The service's own keys replace the keys of its image. */
export interface Started {
  readonly words: readonly string[]
  readonly hearing: Hearing
  /** Whether the compose file itself sets any part of the command. */
  readonly isOwn: boolean
  readonly around: Surroundings
}

export function startedBy(
  service: Tree,
  image: Image | undefined,
  built: Built | undefined,
  read: ReadText
): Started {
  const name = plainOf(within(service, 'image'))
  const folder = folderOf(built?.path ?? '-', read)
  const around = surroundingsOf(image ?? imageFrom(name ?? '', undefined, undefined), folder)
  const shell = image === undefined ? shellOf(name) : around.shell
  const entrypoint = commandWords(within(service, 'entrypoint'))
  const command = commandWords(within(service, 'command'))
  const words = wordsOfStart(image, name, entrypoint, command)
  const isOwn = entrypoint !== undefined || command !== undefined
  return { words, hearing: hearingOf(words, { ...around, shell }), isOwn, around }
}

/** All words that a service starts. If the service has an entrypoint, Docker ignores the command of the image. */
function wordsOfStart(
  image: Image | undefined,
  name: string | undefined,
  entrypoint: readonly string[] | undefined,
  command: readonly string[] | undefined
): readonly string[] {
  if (entrypoint !== undefined) return [...entrypoint, ...(command ?? [])]
  if (image === undefined) return withEntrypointOf(name ?? '', command ?? [])
  if (command === undefined) return startWords(image)
  return startWords({ ...image, command: { at: { line: 1, column: 1 }, form: 'exec', words: command } })
}
