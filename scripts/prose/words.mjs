// Words of this project alone, and riddles, with what to write in their place. A word that is right in one place
// has `but` for that place.
export const words = [
  { word: /\bT0\b/, write: 'the signal' },
  { word: /\b(the|this|a|its|one|each|every|whole) walks?\b/i, write: 'the shutdown' },
  { word: /\b(the|at|each|a) flips?\b/i, write: 'the start of the drain' },
  { word: /\badmitted\b/i, write: 'in flight when the drain began' },
  { word: /\bbare Code\b/i, write: 'the call by its name: `app.close()`' },
  { word: /\becho(es)?\b/i, write: 'repeated signal' },
  { word: /\broads?\b/i, write: 'way, path' },
  { word: /\blook(s|ed|ing)? away\b/i, write: 'stop routing to' },
  { word: /\bleft behind\b/i, write: 'timed out, not done' },
  { word: /\bgood again\b/i, write: 'recovered' },
  { word: /\b(is|are|was|were|be|been|being) told\b(?! to\b)/i, write: 'is notified, receives, knows' },
  { word: /\bwhoever\b/i, write: 'the one who acts: the client, the caller, the platform' },
  { word: /\b(becomes?|became|comes?) of\b/i, write: 'what happens to' },
  { word: /\ball the same\b/i, write: 'also, still' },
  { word: /\bnone: never\b/i, write: 'disabled' },
  { word: /\bas ever\b/i, write: 'as usual, or leave it out' },
  { word: /\bhabitat|\bnarration\b/i, write: 'surroundings; log' }
]
