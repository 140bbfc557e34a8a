export { type Fault, faults } from './faults.ts'
export { type Model, models } from './models.ts'
export type { Live, Sleep } from './pace.ts'
export { createSandbox, type Sandbox, type SandboxOptions } from './server.ts'
