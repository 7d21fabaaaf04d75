// How the demonstration's page looks.

const styled = process.stdout.isTTY === true && process.env.NO_COLOR === undefined

const style = (code, text) => (styled ? `\u001b[${code}m${text}\u001b[0m` : text)

export const bold = (text) => style(1, text)
export const dim = (text) => style(2, text)

export function heading(text) {
  console.log(`\n${bold(text)}\n${dim('─'.repeat(text.length))}`)
}

export function row(name, value) {
  console.log(`${name.padEnd(28)} ${value}`)
}
