import { geometry } from './families/geometry.ts'
import { proveFamilies } from './judge.ts'

proveFamilies(geometry)
