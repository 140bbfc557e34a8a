// Collects what every step found and says it in one place.

/** In CI a machine that could have had a piece and did not get it has not proved anything: that is a failure. */
const isStrict = ['1', 'true'].includes((process.env.CI ?? '').toLowerCase())

/** What went well is not what somebody looks for in the output of a step that failed. */
const withoutPasses = output =>
  output.replace(/^(?:\(pass\)|\(skip\)|ok \d+).*\n/gm, '').replace(/\n{3,}/g, '\n\n')

export function createReport() {
  const total = { passed: 0, failed: 0, skipped: 0 }

  const add = counts => {
    for (const key of Object.keys(total)) total[key] += counts[key]
  }

  const describe = ({ passed, failed, skipped }) =>
    [`${passed} passed`, `${failed} failed`, ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(', ')

  return {
    /** A step that ran. What it printed is shown where it failed, and where somebody asked for everything. */
    ran(name, counts, { output, seconds }, verbose) {
      add(counts)
      const isBad = counts.failed > 0
      if (isBad || verbose) console.log(`\n${(verbose ? output : withoutPasses(output)).trimEnd()}\n`)
      console.log(`${isBad ? 'FAIL' : 'ok  '} ${name}: ${describe(counts)} (${seconds.toFixed(1)} s)`)
    },

    /** A piece that could not be had, and with it the tests that need it. */
    missing(name, { reason, possible }) {
      const isFailure = isStrict && possible
      add({ passed: 0, failed: isFailure ? 1 : 0, skipped: isFailure ? 0 : 1 })
      console.log(`${isFailure ? 'FAIL' : 'SKIP'} ${name}: ${reason}`)
      if (isFailure) console.log('     This machine can have it, and CI is set: a skip would prove nothing.')
    },

    /** The last line, and the exit code that goes with it. */
    close() {
      console.log(`\n${describe(total)}`)
      return total.failed > 0 ? 1 : 0
    },
  }
}
