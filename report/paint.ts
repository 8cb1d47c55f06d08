import { styleText } from 'node:util'

/** What a piece of text means; the colours follow from it. */
export type Tone = 'title' | 'phase' | 'good' | 'bad' | 'quiet' | 'plain'

/** Gives a piece of text the colour of its tone. */
export type Paint = (tone: Tone, text: string) => string

// Only what light and dark terminals both show well: no yellow, no blue, no white, no background.
const styles = {
  title: 'bold',
  phase: 'cyan',
  good: 'green',
  bad: 'red',
  quiet: 'dim',
  plain: undefined
} as const satisfies Record<Tone, unknown>

export function paintWith(color: boolean): Paint {
  if (!color) return (_tone, text) => text
  return (tone, text) => {
    const style = styles[tone]
    if (style === undefined || text === '') return text
    return styleText(style, text, { validateStream: false })
  }
}
