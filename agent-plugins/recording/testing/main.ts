export { CLOCK, paintClock, readClock } from './clock_display.ts'
export { clockTimes, probe } from './video.ts'
