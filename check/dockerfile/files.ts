import type { Surroundings } from '../commands/hearing.ts'
import { shellOf } from '../commands/shells.ts'
import type { Folder } from '../files/folder.ts'
import { fileName } from '../files/source.ts'
import type { Image } from './image.ts'

/**
 * The surroundings of a command in an image: the scripts in the Dockerfile itself, and the scripts that the Dockerfile
 * copies.
 */
export function surroundingsOf(
  image: Image,
  folder: Folder
): Surroundings & { fileNamed(path: string): string | undefined } {
  return {
    shell: shellOf(image.base),
    scriptNamed: (name) => folder.scriptNamed(name),
    fileNamed: (path) => writtenIn(image, path) ?? copiedInto(image, path, folder)
  }
}

function writtenIn({ written }: Image, path: string): string | undefined {
  const name = fileName(path)
  return [...written].find(([target]) => fileName(target) === name)?.[1]
}

/** The text of a file that the Dockerfile copies by its name, or with its folder. */
function copiedInto({ copied }: Image, path: string, folder: Folder): string | undefined {
  const name = fileName(path)
  const direct = copied.filter((source) => fileName(source) === name)
  const inside = copied.map((source) => `${source.replace(/\/$/, '')}/${name}`)
  const relative = path.replace(/^\//, '')
  for (const candidate of [...direct, ...inside, relative, path.replace(/^\/\w+\//, '')]) {
    const text = folder.textOf(candidate)
    if (text !== undefined) return text
  }
  return undefined
}
