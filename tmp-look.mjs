import { chromium } from 'playwright'
const [base, email, password, out, ...paths] = process.argv.slice(2)
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
const c = await b.newContext({ viewport: { width: Number(process.env.WIDTH ?? 1280), height: 900 }, colorScheme: process.env.THEME ?? 'light' })
const p = await c.newPage()
p.on('console', (m) => ['error', 'warning'].includes(m.type()) && console.log('console', m.text().slice(0, 300)))
await p.goto(base + '/login'); await p.fill('[name=email]', email); await p.fill('[name=password]', password); await p.click('form button[type=submit]'); await p.waitForLoadState('load')
for (const path of paths) { const r = await p.goto(base + path); await p.waitForTimeout(600);
 if (await p.locator('input[name=purpose], textarea[name=purpose], select[name=purpose]').count()) { const f = p.locator('form:has([name=purpose])').first(); const el = f.locator('[name=purpose]').first(); const tag = await el.evaluate((e) => e.tagName + e.type); if (tag.startsWith('INPUTradio')) await el.check(); else if (tag.startsWith('SELECT')) await el.selectOption({ index: 1 }); else await el.fill('Weekly planning'); await f.locator('button[type=submit]').first().click(); await p.waitForLoadState('load'); await p.waitForTimeout(800) }
 const n = `${out}/${path.replace(/\W+/g, '_') || 'root'}-${process.env.THEME ?? 'light'}-${process.env.WIDTH ?? 1280}.png`; await p.screenshot({ path: n, fullPage: process.env.FULL !== '0' }); console.log(r.status(), n, await p.title()) }
await b.close()
