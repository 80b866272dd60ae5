/** Draws the lines of a table above it; the library is loaded where there is such a table. */
const SERIES = [
  ['active', 'Active', '--foreground'],
  ['productive', 'Productive', '--value-productive'],
  ['neutral', 'Neutral', '--value-neutral'],
  ['unproductive', 'Unproductive', '--value-unproductive'],
]
const HEIGHT = 220

const place = document.querySelector('[data-chart]')
const table = place && document.getElementById(place.dataset.chart)

/** A day as it is written beneath the lines. */
const dayOf = (seconds) =>
  new Date(seconds * 1000).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
  })

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

function read() {
  const rows = [...table.querySelectorAll('tr[data-day]')]
  const hours = (row, name) =>
    row.dataset[name] === undefined ? null : Number(row.dataset[name]) / 3_600_000
  return [
    rows.map(({ dataset }) => Date.parse(dataset.day) / 1000),
    ...SERIES.map(([name]) => rows.map((row) => hours(row, name))),
  ]
}

async function draw() {
  const [{ default: UPlot }] = await Promise.all([
    import('uplot'),
    import('uplot/dist/uPlot.min.css'),
  ])
  const axis = {
    stroke: () => colour('--muted-foreground'),
    grid: { stroke: () => colour('--border') },
    ticks: { show: false },
  }
  const plot = new UPlot(
    {
      width: place.clientWidth,
      height: HEIGHT,
      tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1000), 'UTC'),
      cursor: { drag: { x: false, y: false } },
      scales: { y: { range: (_plot, _least, most) => [0, Math.max(1, most * 1.1)] } },
      axes: [
        { ...axis, values: (_plot, ticks) => ticks.map(dayOf) },
        { ...axis, values: (_plot, ticks) => ticks.map((tick) => `${tick} h`) },
      ],
      series: [
        {
          label: 'Day',
          value: (_plot, seconds) =>
            seconds ? new Date(seconds * 1000).toISOString().slice(0, 10) : '',
        },
        ...SERIES.map(([, label, name]) => ({
          label,
          stroke: () => colour(name),
          width: 2,
          points: { size: 6 },
          value: (_plot, hours) => (hours === null ? '–' : `${hours.toFixed(1)} h`),
        })),
      ],
    },
    read(),
    place
  )
  // Paper has colours of its own, whatever theme is on.
  matchMedia('print').addEventListener('change', () => plot.redraw(false))
  new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: HEIGHT })).observe(
    place
  )
}

if (table) {
  draw()
}
