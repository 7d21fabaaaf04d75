import test from 'ava'
import { testDatabase } from '../../support/server.ts'
import { OWN_TYPES, own } from './families/own.ts'
import { proveFamilies } from './judge.ts'

test.before(async () => {
  await (await testDatabase()).admin(OWN_TYPES)
})

proveFamilies(own)
