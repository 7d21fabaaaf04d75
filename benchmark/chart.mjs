import { number } from './report.mjs'
import { MODES } from './workloads.mjs'

/**
 * @typedef {{ label: string, value: number, role: 'ours' | 'peer' | 'limit' }} Bar
 * @typedef {{ workload: string, mode: import('./workloads.mjs').Mode, bars: Bar[] }} Panel
 */

const WIDTH = 860
const MARGIN = 24
const LABEL_WIDTH = 250
const VALUE_WIDTH = 90
const BAR_HEIGHT = 16
const BAR_PITCH = 23
const PANEL_HEAD = 44
const HEAD = 52
const FOOT = 40

/** Colours that carry on white and on near-black; the picture's own ground stays transparent. */
const STYLE = `
  text { font: 13px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #3d444d }
  .title { font-size: 17px; font-weight: 600 }
  .title .small { font-weight: 400 }
  .panel { font-weight: 600 }
  .faint { fill: #6e7781 }
  .small { font-size: 11.5px; fill: #6e7781 }
  .strong { font-weight: 600 }
  .ours { fill: #d9622b }
  .peer { fill: #7d8b99 }
  .limit { fill: none; stroke: #7d8b99; stroke-dasharray: 3 2 }
  .axis { stroke: #7d8b99; stroke-opacity: .5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #d1d7e0 }
    .faint, .small { fill: #9198a1 }
    .ours { fill: #f0834a }
    .peer { fill: #76838f }
  }`

/**
 * Horizontal bars, a panel for each work with a scale of its own that begins at zero.
 *
 * @param {{ title: string, figure: import('./summary.mjs').Figure, panels: Panel[], footer: string }} picture
 * @returns {string} SVG
 */
export function drawBars({ title, figure, panels, footer }) {
  const heading = figure.unit === '/s' ? title : `${title}, ${figure.unit}`
  const better = figure.better === 'less' ? 'shorter is better' : 'longer is better'
  const parts = []
  let top = HEAD
  for (const panel of panels) {
    parts.push(drawPanel(panel, top))
    top += PANEL_HEAD + panel.bars.length * BAR_PITCH
  }
  const height = top + FOOT
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escapeXml(heading)}">
<style>${STYLE}
</style>
<text class="title" x="${MARGIN}" y="32">${escapeXml(heading)}<tspan class="small" dx="12">${better}</tspan></text>
${parts.join('\n')}
<text class="small" x="${MARGIN}" y="${height - 14}">${escapeXml(footer)}</text>
</svg>
`
}

/**
 * @param {Panel} panel
 * @param {number} top
 */
function drawPanel({ workload, mode, bars }, top) {
  const left = MARGIN + LABEL_WIDTH
  const room = WIDTH - MARGIN - VALUE_WIDTH - left
  const largest = Math.max(...bars.map(({ value }) => value))
  const first = top + PANEL_HEAD - 14
  const lines = bars.map(({ label, value, role }, index) => {
    const y = first + index * BAR_PITCH
    const length = largest === 0 ? 1 : Math.max(1, (value / largest) * room)
    const middle = y + BAR_HEIGHT - 3.5
    const strong = role === 'ours' ? ' class="strong"' : ''
    return [
      `<text${strong} x="${left - 10}" y="${middle}" text-anchor="end">${escapeXml(label)}</text>`,
      `<rect class="${role}" x="${left}" y="${y}" width="${length.toFixed(1)}" height="${BAR_HEIGHT}" rx="2"/>`,
      `<text${strong} x="${(left + length + 8).toFixed(1)}" y="${middle}">${number(value)}</text>`,
    ].join('')
  })
  const bottom = first + bars.length * BAR_PITCH - (BAR_PITCH - BAR_HEIGHT) + 3
  return [
    `<text x="${MARGIN}" y="${top + 14}"><tspan class="panel">${escapeXml(workload.replaceAll('`', ''))}</tspan><tspan class="faint"> · ${MODES[mode].title}</tspan></text>`,
    `<line class="axis" x1="${left}" y1="${first - 3}" x2="${left}" y2="${bottom}"/>`,
    ...lines,
  ].join('\n')
}

function escapeXml(text) {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
