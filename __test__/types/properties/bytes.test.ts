import { bytesAndAddresses } from './families/bytes.ts'
import { proveFamilies } from './judge.ts'

proveFamilies(bytesAndAddresses)
