// npm run release: what is published, from the binaries of all platforms, and in the end the publishing.

import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { platformsOf } from '../platforms.mjs'
import { needsOf, surplus } from './binary-needs.mjs'
import { lintPackage } from './lint-package.mjs'
import { LARGEST, packAll } from './pack.mjs'
import { publish } from './publish.mjs'
import { buildFacade, Failed, installPackages, must, root } from './steps.mjs'

const HELP = `usage: npm run release -- [options]

Puts the binaries into the packages of their platforms, names them in the package, packs and checks all of it, and says
what would be published. The last step, publishing, wants credentials that a hosted workflow has.

  --artifacts FOLDER   where the binaries are, in folders of any names (default: those built here)
  --to FOLDER          where the tarballs go (default target/packages, emptied first)
  --dry                a binary that is missing leaves its platform out; without it that is an error
  --publish            publishes, platforms first, the package last; what is published already is left out, so that one
                       that broke off is run again`

const NAPI = join(root, 'node_modules', '@napi-rs', 'cli', 'dist', 'cli.js')

/** @param {string[]} args */
export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      artifacts: { type: 'string' },
      to: { type: 'string', default: join(root, 'target', 'packages') },
      dry: { type: 'boolean', default: false },
      publish: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(HELP)
    return 0
  }
  if (values.dry && values.publish)
    throw new Failed('a dry run publishes nothing: leave out --dry or --publish')
  await installPackages()
  const version = agreedVersion()
  await buildFacade()
  const stage = mkdtempSync(join(tmpdir(), 'cornac-release-'))
  try {
    const platforms = gather(stage, values)
    await must(process.execPath, [NAPI, 'artifacts', '--output-dir', 'artifacts', '--npm-dir', 'npm'], {
      cwd: stage,
    })
    await must(
      process.execPath,
      [
        NAPI,
        'pre-publish',
        '--npm-dir',
        'npm',
        '--tag-style',
        'npm',
        '--no-gh-release',
        '--skip-optional-publish',
      ],
      { cwd: stage },
    )
    const { optionalDependencies } = JSON.parse(readFileSync(join(stage, 'package.json'), 'utf8'))
    checkNeeds(platforms, values)
    const tarballs = await packAll(resolve(values.to), {
      platforms: platforms.map((platform) => ({
        ...platform,
        binary: join(stage, 'npm', platform.name, platform.file),
      })),
      optionalDependencies,
    })
    checkSizes(tarballs, values)
    const code = await lintPackage(tarballs.at(-1))
    if (code !== 0) return code
    if (values.publish) await publish(tarballs, version, provenance())
    else
      for (const tarball of tarballs)
        await must('npm', ['publish', tarball, '--dry-run', '--loglevel=notice'])
    console.log(
      values.publish
        ? `published ${version}: ${tarballs.length} packages`
        : `${version} is ready, ${tarballs.length} packages: what is left is \`npm run release -- --publish\`, with credentials`,
    )
    return 0
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

/** Who built a package and of which sources: only a hosted workflow can sign that. */
function provenance() {
  if (process.env.GITHUB_ACTIONS === 'true') return ['--provenance']
  console.log('published by hand, without provenance: a hosted workflow signs that')
  return []
}

/** The version that all manifests have, which a tag in CI must name too. */
function agreedVersion() {
  const { version, name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const found = new Map([['package.json', version]])
  found.set('Cargo.toml', /^version = "(.+)"$/m.exec(readFileSync(join(root, 'Cargo.toml'), 'utf8'))?.[1])
  for (const platform of platformsOf(root)) {
    const file = join('npm', platform.name, 'package.json')
    const own = JSON.parse(readFileSync(join(root, file), 'utf8'))
    if (own.name !== `${name}-${platform.name}`)
      throw new Failed(`${file} is of a package called "${own.name}"`)
    found.set(file, own.version)
  }
  if (process.env.GITHUB_REF_TYPE === 'tag')
    found.set('the tag', process.env.GITHUB_REF_NAME?.replace(/^v/, ''))
  const others = [...found].filter(([, own]) => own !== version)
  if (others.length > 0) {
    const list = others.map(([where, own]) => `${where} has ${own}`).join(', ')
    throw new Failed(`the version is ${version} in package.json, but ${list}: napi version sets those of npm`)
  }
  return version
}

/** Lays what @napi-rs/cli wants into a folder, with those platforms as targets whose binary is there. */
function gather(stage, { artifacts, dry }) {
  const places =
    artifacts === undefined ? [join(root, 'src', 'boundary'), ...npmFolders()] : folders(resolve(artifacts))
  const all = platformsOf(root).map((platform) => {
    const place = places.find((folder) => existsSync(join(folder, platform.file)))
    return { ...platform, binary: place && join(place, platform.file) }
  })
  const missing = all.filter(({ binary }) => binary === undefined).map(({ name }) => name)
  if (missing.length > 0 && !dry) throw new Failed(`there is no binary for ${missing.join(', ')}`)
  if (missing.length === all.length)
    throw new Failed('there is no binary: build one by `npm run build:native -- --dist`')
  if (missing.length > 0) console.log(`left out, for lack of a binary here: ${missing.join(', ')}`)
  const platforms = all.filter(({ binary }) => binary !== undefined)
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  own.napi.targets = platforms.map(({ target }) => target)
  writeFileSync(join(stage, 'package.json'), JSON.stringify(own))
  for (const directory of ['dist', 'README.md'])
    cpSync(join(root, directory), join(stage, directory), {
      recursive: true,
      filter: (path) => !path.endsWith('.node'),
    })
  mkdirSync(join(stage, 'artifacts'))
  for (const { name, file, binary } of platforms) {
    cpSync(join(root, 'npm', name), join(stage, 'npm', name), {
      recursive: true,
      filter: (path) => !path.endsWith('.node'),
    })
    copyFileSync(binary, join(stage, 'artifacts', file))
  }
  return platforms
}

/** What stands against publishing; a dry run of binaries that were built for this machine tells it and goes on. */
function refuse(message, { dry }) {
  if (!dry) throw new Failed(message)
  console.log(message)
}

function checkNeeds(platforms, options) {
  for (const platform of platforms.filter(({ system }) => system === 'linux')) {
    for (const reason of surplus(platform, needsOf(platform.binary)))
      refuse(`the binary for ${platform.name} does not run everywhere: ${reason}`, options)
  }
}

function checkSizes(tarballs, options) {
  for (const tarball of tarballs) {
    const { size } = statSync(tarball)
    if (size > LARGEST) refuse(`${basename(tarball)} has ${size} bytes, ${LARGEST} is the limit`, options)
  }
}

function npmFolders() {
  return platformsOf(root).map(({ name }) => join(root, 'npm', name))
}

function folders(folder) {
  const inner = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  )
  return [folder, ...inner.map((entry) => join(entry.parentPath, entry.name))]
}
