/**
 * The colours of the pictures. A chart is drawn in the light ones; the file says by which each is
 * replaced where the reader prefers dark. So charts may use no other colour, and no two may be equal.
 */
export const palette = {
  ink: { light: '#16191d', dark: '#e8ebee' },
  quiet: { light: '#59626d', dark: '#9ba5b0' },
  grid: { light: '#e2e6ea', dark: '#2d343c' },
  paper: { light: '#ffffff', dark: '#14171b' },
  ours: { light: '#2a6bb0', dark: '#6cabec' },
  other: { light: '#8b95a1', dark: '#727d89' },
  good: { light: '#1a7a3c', dark: '#54bb6d' },
  goodFill: { light: '#c9ead6', dark: '#17442a' },
  fair: { light: '#8a6100', dark: '#d9a520' },
  fairFill: { light: '#f7e6b5', dark: '#4d3b10' },
  bad: { light: '#c3212d', dark: '#ff7070' },
  badFill: { light: '#f8d0d2', dark: '#561c20' }
} as const

/** A colour by its name, as charts are given it. */
export function colour(name: keyof typeof palette): string {
  return palette[name].light
}
