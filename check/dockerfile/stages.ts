import { assignmentsIn, expanded } from '../commands/variables.ts'
import { wordsOf } from '../commands/words.ts'
import { built, type Image, imageFrom } from './image.ts'
import type { Instruction } from './instructions.ts'

/** The images that the stages of a Dockerfile make. The last one is the image of the file. */
function stagesOf(instructions: readonly Instruction[]): readonly Image[] {
  const stages: Image[] = []
  const first = instructions.findIndex(({ name }) => name === 'FROM')
  if (first === -1) return stages
  const global = new Map(
    instructions
      .slice(0, first)
      .filter(({ name }) => name === 'ARG')
      .flatMap(({ text }) => assignmentsIn(wordsOf(text)))
  )
  for (let index = first; index < instructions.length; ) {
    const next = instructions.findIndex(({ name }, at) => at > index && name === 'FROM')
    const end = next === -1 ? instructions.length : next
    const { text } = instructions[index] as Instruction
    const [image = '', as, name] = wordsOf(expanded(text, global)).filter((word) => !word.startsWith('--'))
    const stage = stages.findLast((each, at) => each.name === image.toLowerCase() || String(at) === image)
    const from = imageFrom(image, as?.toLowerCase() === 'as' ? name?.toLowerCase() : undefined, stage)
    stages.push(built(from, [...(stage?.triggers ?? []), ...instructions.slice(index + 1, end)]))
    index = end
  }
  return stages
}

/** The image of the stage `target`, or of the last stage if there is no `target`. */
export function stageNamed(instructions: readonly Instruction[], target?: string): Image | undefined {
  const stages = stagesOf(instructions)
  const wanted = stages.findLast(({ name }) => name !== undefined && name === target?.toLowerCase())
  return wanted ?? stages.at(-1)
}
