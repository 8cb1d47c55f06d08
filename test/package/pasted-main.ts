import { after } from 'node:test'
import { describePasted } from './pasted.ts'
import { User } from './user.ts'

// npm run test:pasted. Two runs of each program take as long as a good part of the suite.

const installed = User.withPackage()
after(async () => (await installed).remove())
describePasted(installed)
