/**
 * Why another is better in a scenario, and what will change. A note is shown only where the results
 * say that another is; where they say so and there is none, the page cannot be made.
 */
export const notes: Readonly<Record<string, string>> = {}
