import { numbers } from './families/numbers.ts'
import { proveFamilies } from './judge.ts'

proveFamilies(numbers)
