import type { Tone } from '../line.ts'

/** The class of the picture, so that its style does not affect other elements of a page. */
export const rootClass = 'fastify-lifecycle-report'

type Palette = Readonly<Record<Tone | 'wait' | 'grid' | 'paper', string>>

// Each tone has a contrast of at least 4.5 : 1 to its background, which is enough for small text.
const light: Palette = {
  title: '#16191d',
  plain: '#16191d',
  quiet: '#59626d',
  phase: '#2a6bb0',
  good: '#1a7a3c',
  bad: '#c3212d',
  wait: '#59626d',
  grid: '#e2e6ea',
  paper: '#ffffff'
}

const dark: Palette = {
  title: '#e8ebee',
  plain: '#e8ebee',
  quiet: '#9ba5b0',
  phase: '#6cabec',
  good: '#54bb6d',
  bad: '#ff7070',
  wait: '#9ba5b0',
  grid: '#2d343c',
  paper: '#14171b'
}

/** The colours for light and dark, and the styles that do not depend on that preference. */
export const style: string = [
  // Only fonts that are installed, because the picture loads nothing.
  `.${rootClass}{direction:ltr;font:12px/1 ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace}`,
  `.${rootClass} text{fill:currentColor;white-space:pre}`,
  `.${rootClass} tspan{fill:currentColor}`,
  `.${rootClass} path{fill:none;stroke:currentColor}`,
  `.${rootClass} rect{fill:currentColor}`,
  `.${rootClass} .title{font-weight:bold}`,
  ...colours(light),
  `@media (prefers-color-scheme:dark){${colours(dark).join('')}}`
].join('\n')

function colours(palette: Palette): string[] {
  return Object.entries(palette).map(([name, colour]) => `.${rootClass} .${name}{color:${colour}}`)
}
