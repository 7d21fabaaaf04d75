import { numerics } from './families/numeric.ts'
import { proveFamilies } from './judge.ts'

proveFamilies(numerics, { lc_monetary: 'C' })
