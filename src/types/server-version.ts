import { UnsupportedServerFeatureError } from '../errors/index.ts'

/** A server's version. For PostgreSQL 10 and newer `minor` is 0 and the second number is `micro`. */
export interface ServerVersion {
  /** The first number: 18 of 18.4. */
  readonly major: number
  /** 0 for PostgreSQL 10 and newer. */
  readonly minor: number
  /** The number of the release: 4 of 18.4. */
  readonly micro: number
  /** `alpha`, `beta`, `candidate`, `devel`, or `final`. */
  readonly releaselevel: string
  /** The number of the pre-release, 0 for a release. */
  readonly serial: number
}

const LEVELS: { readonly [word: string]: string } = {
  alpha: 'alpha',
  beta: 'beta',
  rc: 'candidate',
  devel: 'devel',
}

/** Not within a word: the first number of `x86_64` is no version. */
const VERSION = /(?<![\w.])v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?:(alpha|beta|rc|devel)(\d{0,9}))?/

/**
 * Reads `server_version` as PostgreSQL and its relatives report it, also behind a prefix and in front of a suffix:
 * `17.2`, `18beta1`, `PostgreSQL 10.1 (Debian 10.1-3)`.
 *
 * @throws UnsupportedServerFeatureError when it is not reported, or there is no number in it.
 */
export function parseServerVersion(text: string | undefined): ServerVersion {
  if (text === undefined) {
    throw new UnsupportedServerFeatureError('the server does not report its version', {
      hint: 'ask it: select version()',
    })
  }
  const found = VERSION.exec(text)
  if (found === null) {
    throw new UnsupportedServerFeatureError(
      `the server reports the version ${JSON.stringify(text)}, which has no number`,
    )
  }
  const [, major = '0', second = '0', third = '0', level, serial = ''] = found
  const modern = Number(major) >= 10
  return Object.freeze({
    major: Number(major),
    minor: modern ? 0 : Number(second),
    micro: Number(modern ? second : third),
    releaselevel: level === undefined ? 'final' : (LEVELS[level] as string),
    serial: Number(serial),
  })
}
