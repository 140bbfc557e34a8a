// Reads how many tests passed, failed and were skipped from what a runner printed.

const nothing = { passed: 0, failed: 0, skipped: 0 }

/** Of a step that either works or does not, such as a type check. */
export const readExit = ({ code }) => (code === 0 ? { ...nothing, passed: 1 } : { ...nothing, failed: 1 })

const numberBefore = (text, pattern) => Number(text.match(pattern)?.[1] ?? 0)

/** A runner that ended badly without a failed test broke down: that is a failure too. */
const honest = (code, counts) => (code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts)

/** Of `bun test`: lines such as ` 650 pass`, near the end. */
export function readBun({ code, output }) {
  const summary = output.slice(output.lastIndexOf(' pass\n') - 12)
  return honest(code, {
    passed: numberBefore(summary, /^ *(\d+) pass$/m),
    failed: numberBefore(summary, /^ *(\d+) fail$/m),
    skipped: numberBefore(summary, /^ *(\d+) skip$/m) + numberBefore(summary, /^ *(\d+) todo$/m),
  })
}

/** Of pytest: its last line, such as `3 failed, 20 passed, 1 skipped in 4.56s`. */
export function readPytest({ code, output }) {
  const last = output.trimEnd().split('\n').at(-1) ?? ''
  return honest(code, {
    passed: numberBefore(last, /(\d+) passed/),
    failed: numberBefore(last, /(\d+) failed/) + numberBefore(last, /(\d+) errors?/),
    skipped: numberBefore(last, /(\d+) skipped/),
  })
}

/** Of `node --test` with its TAP or spec reporter: lines such as `# pass 5` or `ℹ pass 5`. */
export function readNode({ code, output }) {
  return honest(code, {
    passed: numberBefore(output, /^[#ℹ] pass (\d+)$/m),
    failed: numberBefore(output, /^[#ℹ] fail (\d+)$/m),
    skipped: numberBefore(output, /^[#ℹ] skipped (\d+)$/m),
  })
}
