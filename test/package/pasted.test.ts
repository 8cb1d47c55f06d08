import { after } from 'node:test'
import { describePasted } from './pasted.ts'
import { User } from './user.ts'

const installed = User.withPackage()
after(async () => (await installed).remove())
describePasted(installed)
