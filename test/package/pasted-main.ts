import { after } from 'node:test'
import { describePasted } from './pasted.ts'
import { User } from './user.ts'

// npm test -- pasted. Not in the suite, which is to be quick: each program runs twice.

const installed = User.withPackage()
after(async () => (await installed).remove())
describePasted(installed)
