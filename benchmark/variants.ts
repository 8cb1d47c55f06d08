/** What is compared. The control is the bare app once more: how it differs from the first is noise. */
export const variants = ['bare', 'control', 'plugin'] as const

/** One of the apps that are compared. */
export type Variant = (typeof variants)[number]
