/** Options with every default filled in: none is left out, and none is `undefined`. */
export type Complete<Options> = { readonly [Key in keyof Options]-?: Exclude<Options[Key], undefined> }
