// Finds and loads the binary for this platform: the one built here, else the one of the platform's package.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** The platforms that binaries are published for. */
const PLATFORMS = [
  'darwin-arm64',
  'darwin-x64',
  'linux-arm64-gnu',
  'linux-arm64-musl',
  'linux-x64-gnu',
  'linux-x64-musl',
  'win32-arm64-msvc',
  'win32-x64-msvc',
]

function platformName() {
  const { platform, arch } = process
  if (platform === 'win32') return `${platform}-${arch}-msvc`
  if (platform !== 'linux') return `${platform}-${arch}`
  const header = process.report?.getReport()?.header
  return `${platform}-${arch}-${header?.glibcVersionRuntime === undefined ? 'musl' : 'gnu'}`
}

function load() {
  const name = platformName()
  const tried = []
  for (const place of [process.env.CORNAC_NATIVE, `./cornac.${name}.node`, `cornac-${name}`]) {
    if (place === undefined || place === '') continue
    try {
      return require(place)
    } catch (error) {
      tried.push(error)
    }
  }
  const known = PLATFORMS.includes(name)
    ? `install the package cornac-${name} (package managers skip optional dependencies when told to), or build it with: npm run build:native`
    : `there is no binary for it; there are ${PLATFORMS.join(', ')}: build it from the sources with: npm run build:native`
  throw new Error(`cornac could not load its binary for ${name}: ${known}`, {
    cause: new AggregateError(tried, 'the places that were tried'),
  })
}

export const { Core } = load()
