// pages.mjs URL: opens the pages of a running demo in a browser, and fails at anything but what they should do. Nothing
// may be asked of another host, and no error may reach the console. The browser is LACUNA_TEST_CHROMIUM; pictures go
// into the folder LACUNA_TEST_SHOTS, if it is set.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const site = process.argv[2];
const shots = process.env.LACUNA_TEST_SHOTS;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const wide = { width: 1280, height: 860 };
const narrow = { width: 360, height: 740 };

const browser = await chromium.launch({
  executablePath: process.env.LACUNA_TEST_CHROMIUM,
  chromiumSandbox: process.getuid?.() !== 0,
  args: ['--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

const visits = [];

/** visit puts down a test, which runs in a browser of its own. */
function visit(name, options, test) {
  visits.push(() => carryOut(name, options, test));
}

/** carryOut runs a test, and then looks at what the pages did beside it. */
async function carryOut(name, options, test) {
  const { expected = [], ...context } = options;
  const started = Date.now();
  const wrongs = [];
  const visitor = await browser.newContext({ viewport: wide, locale: 'en-GB', timezoneId: 'Asia/Taipei', ...context });
  visitor.setDefaultTimeout(20_000);
  visitor.on('request', (request) => {
    const url = new URL(request.url());
    if (!['data:', 'blob:'].includes(url.protocol) && url.origin !== site) wrongs.push(`asked ${url.origin}`);
  });
  visitor.on('response', (response) => {
    if (response.status() >= 400 && !expected.some((e) => e.test(String(response.status())))) wrongs.push(`${response.url()} is ${response.status()}`);
  });
  visitor.on('console', (message) => {
    if (message.type() === 'error' && !expected.some((e) => e.test(message.text()))) wrongs.push(`console: ${message.text()}`);
  });
  visitor.on('weberror', (error) => wrongs.push(`uncaught: ${error.error().stack}`));
  await visitor.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`));
  });
  const page = await visitor.newPage();
  try {
    await test(page);
  } catch (error) {
    await shot(page, `failed-${name.replaceAll(/\W+/g, '-')}`);
    throw new Error([`${name} failed`, ...wrongs].join('\n'), { cause: error });
  }
  await visitor.close();
  assert.deepEqual(wrongs, [], name);
  console.log(`${name}: ${Date.now() - started} ms`);
}

async function shot(page, name, options = {}) {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`), animations: 'disabled', ...options });
}

/** accessible runs every rule of axe. */
async function accessible(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  assert.deepEqual(violations.map((v) => `${v.impact} ${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`), []);
}

async function fits(page) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= window, `the page is ${content} px wide in a window of ${window} px`);
}

const verdict = (page, text) => page.locator('#verdict', { hasText: text }).waitFor();

async function answerOf(page, ...texts) {
  for (const text of texts) await page.locator('.graphiql-response .CodeMirror-code', { hasText: text }).waitFor();
}

async function run(page) {
  await page.locator('.graphiql-execute-button').click();
}

async function openPlayground(page, hash = '') {
  await page.goto(`${site}/playground${hash}`);
  await page.locator('.graphiql-query-editor .CodeMirror-code').waitFor();
  await page.locator('.graphiql-doc-explorer, [aria-label="Show Documentation Explorer"]').first().waitFor();
}

const examples = readdirSync('examples').filter((f) => f.endsWith('.graphql')).sort();
const operations = examples.map((f) => /^(?:query|mutation|subscription) (\w+)/m.exec(readFileSync(join('examples', f), 'utf8'))[1]);

for (const colorScheme of ['light', 'dark']) {
  for (const [size, viewport] of Object.entries({ wide, narrow })) {
    visit(`start page, ${colorScheme}, ${size}`, { colorScheme, viewport }, async (page) => {
      await page.goto(`${site}/`);
      await verdict(page, 'The server answers.');
      await fits(page);
      await accessible(page);
      await shot(page, `start-${colorScheme}-${size}`, { fullPage: true });
    });
    visit(`playground, ${colorScheme}, ${size}`, { colorScheme, viewport }, async (page) => {
      await openPlayground(page);
      await run(page);
      await answerOf(page, 'Mei Chen');
      await fits(page);
      await shot(page, `playground-${colorScheme}-${size}`);
    });
  }
}

visit('start page by keyboard, in Chinese', { viewport: narrow }, async (page) => {
  await page.goto(`${site}/`);
  await verdict(page, 'The server answers.');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-Hant');
  await verdict(page, '伺服器正常回應');
  for (const text of await page.locator('[data-say], .questions a').allTextContents()) assert.match(text, /\p{Script=Han}/u);
  await fits(page);
  await accessible(page);
  await shot(page, 'start-chinese-narrow', { fullPage: true });
  await page.reload();
  await verdict(page, '伺服器正常回應');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await verdict(page, 'The server answers.');
  await page.locator('.questions a').first().focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(`${site}/playground*`);
  await page.locator('.graphiql-tab', { hasText: operations[0] }).waitFor();
});

visit('start page: figures', {}, async (page) => {
  const answer = await fetch(`${site}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ query: '{ status { customers interactions products categories } }' }),
  });
  const { data } = await answer.json();
  await page.goto(`${site}/`);
  await verdict(page, 'The server answers.');
  for (const [name, count] of Object.entries(data.status)) {
    assert.equal(await page.locator(`#${name}`).textContent(), count.toLocaleString('en'));
  }
  assert.match(await page.locator('#store').textContent(), /^SQLite · /);
});

visit('start page: a server that comes back', { expected: [/503/, /Failed to load resource/] }, async (page) => {
  let asked = 0;
  await page.route('**/graphql', (route) => {
    asked++;
    if (asked === 1) return route.fulfill({ status: 503, contentType: 'application/json', body: '{"errors":[{"message":"opening"}]}' });
    if (asked === 2) return route.abort('connectionrefused');
    return route.continue();
  });
  await page.goto(`${site}/`);
  await verdict(page, 'being opened or closed');
  await shot(page, 'start-opening');
  await verdict(page, 'does not answer');
  await accessible(page);
  await shot(page, 'start-unreachable');
  await verdict(page, 'The server answers.');
});

visit('start page: a server that asks for keys', { expected: [/401/, /Failed to load resource/] }, async (page) => {
  await page.route('**/graphql', (route) => route.fulfill({ status: 401, json: { errors: [{ message: 'send an API key' }] } }));
  await page.goto(`${site}/`);
  await verdict(page, 'asks for an API key');
  await accessible(page);
});

visit('start page: an empty store', {}, async (page) => {
  const status = { store: 'sqlite:lacuna.db', asOf: null, ageSeconds: 0, customers: 0, interactions: 0, products: 0, categories: 0 };
  await page.route('**/graphql', (route) => route.fulfill({ json: { data: { status } } }));
  await page.goto(`${site}/`);
  await verdict(page, 'nothing is loaded yet');
  assert.deepEqual(await page.locator('section').evaluateAll((all) => all.map((s) => s.id).filter(Boolean)), ['load', 'ask']);
  await accessible(page);
  await shot(page, 'start-empty', { fullPage: true });
});

visit('playground: tabs, variables, plugins', {}, async (page) => {
  await openPlayground(page);
  assert.deepEqual(await page.locator('.graphiql-tab-button').allTextContents(), operations);
  for (const [operation, answer] of [['FindByName', 'totalCount'], ['Products', '日本']]) {
    await page.locator('.graphiql-tab-button', { hasText: new RegExp(`^${operation}$`) }).click();
    await run(page);
    await answerOf(page, answer);
  }
  for (const plugin of ['Show Documentation Explorer', 'Show GraphiQL Explorer', 'Show History']) {
    await page.getByLabel(plugin).click();
    await page.locator('.graphiql-plugin').waitFor();
    await shot(page, `playground-${plugin.replace('Show ', '').replaceAll(' ', '-').toLowerCase()}`);
  }
  await page.getByLabel('Open settings dialog').click();
  await page.locator('.graphiql-dialog').waitFor();
  assert.equal(await page.getByText('Persist headers').count(), 0);
});

visit('playground: what a subscription tells', {}, async (page) => {
  await openPlayground(page);
  await page.locator('.graphiql-tab-button', { hasText: 'GapChanged' }).click();
  await page.locator('.graphiql-execute-button[aria-haspopup="menu"]').click(); // once it knows of both operations
  await page.getByRole('menuitem', { name: 'GapChanged' }).click();
  await page.getByLabel('Stop query').waitFor();
  const decide = () => page.evaluate(async (query) => {
    await fetch('/graphql', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ query }) });
  }, 'mutation { setGapStatus(gap: "families/stays-family-okinawa", status: REVIEWING) { gap { id } } }');
  const deciding = setInterval(() => decide().catch(() => clearInterval(deciding)), 200);
  await answerOf(page, 'families/stays-family-okinawa', 'REVIEWING');
  clearInterval(deciding);
  await shot(page, 'playground-subscription');
  await run(page); // which stops it
  await page.getByLabel('Execute query').waitFor();
  await page.locator('.graphiql-query-editor .CodeMirror').click();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('subscription { gapChanged(where: {categories: ["moon"]}) { id } }');
  await page.locator('.graphiql-execute-button:not([aria-haspopup])').click();
  await answerOf(page, 'there is no category');
});

visit('playground: a link', { permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
  const state = new URLSearchParams({ query: 'query Linked($id: ID!) { customer(by: {id: $id}) { name } }', variables: '{"id": "c001"}' });
  await openPlayground(page, `#${state}`);
  await page.locator('.graphiql-tab-button', { hasText: 'Linked' }).waitFor();
  await run(page);
  await answerOf(page, 'Mei Chen');
  await page.getByLabel('Copy a link to this question').click();
  await page.getByLabel('Copied').waitFor();
  const copied = new URL(await page.evaluate(() => navigator.clipboard.readText()));
  assert.deepEqual(Object.fromEntries(new URLSearchParams(copied.hash.slice(1))), Object.fromEntries(state));
  await page.waitForFunction(() => localStorage.getItem('graphiql:tabState')?.includes('query Linked')); // half a second later
  await page.reload();
  await page.locator('.graphiql-tab-button', { hasText: 'Linked' }).waitFor();
  assert.deepEqual(await page.locator('.graphiql-tab-button').allTextContents(), ['Linked', ...operations]);
  await page.locator('.graphiql-tab-button', { hasText: operations[2] }).click();
  await page.waitForFunction(() => JSON.parse(localStorage.getItem('graphiql:tabState')).activeTabIndex === 3);
  await page.goto(`${site}/playground#${new URLSearchParams({ query: '{ status { store } }' })}`); // which reloads it
  await page.locator('.graphiql-tab-button', { hasText: '<untitled>' }).waitFor();
  await run(page);
  await answerOf(page, 'sqlite:demo');
  await page.waitForURL((url) => url.hash === '');
});

// Three at a time: much of their time is waiting.
const worker = async () => {
  for (let next = visits.shift(); next; next = visits.shift()) await next();
};
try {
  await Promise.all([worker(), worker(), worker()]);
} finally {
  await browser.close();
}
