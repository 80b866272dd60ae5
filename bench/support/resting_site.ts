export { resting as default } from './agent_sites.ts'
