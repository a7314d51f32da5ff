import './home.css';
import { examples } from './examples';
import { linkTo } from './link';
import { follow, type Answer, type Status } from './status';
import { chinese, said, type Language } from './words';

const remembered = 'lacuna:language';

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no element with the id ${id}`);
  return found;
}

const sayings = [...document.querySelectorAll<HTMLElement>('[data-say]')].map((place) => {
  const key = place.dataset['say'] ?? '';
  const translated = chinese[key];
  if (translated === undefined) throw new Error(`words.ts has no Chinese for ${key}`);
  return { place, en: place.textContent ?? '', 'zh-Hant': translated };
});

let language: Language = 'en';
let locale = 'en';
let last: Answer | undefined;

function show(): void {
  document.documentElement.lang = language;
  // The reader's own kind of English writes dates and figures.
  locale = language === 'en' ? (navigator.languages.find((l) => l.startsWith('en')) ?? 'en') : 'zh-Hant-TW';
  for (const saying of sayings) saying.place.textContent = saying[language];
  for (const button of document.querySelectorAll<HTMLElement>('[data-language]')) {
    button.setAttribute('aria-pressed', String(button.dataset['language'] === language));
  }
  element('questions').replaceChildren(...examples.map((example) => {
    const link = document.createElement('a');
    link.href = linkTo(example);
    link.textContent = language === 'en' ? example.english : example.chinese;
    const item = document.createElement('li');
    item.append(link);
    return item;
  }));
  if (last) showAnswer(last);
}

function showAnswer(answer: Answer): void {
  const words = said[language];
  const empty = answer.kind === 'serving' && answer.status.customers + answer.status.interactions + answer.status.products === 0;
  let verdict: string;
  switch (answer.kind) {
    case 'serving':
      verdict = empty ? words.empty : words.serving;
      showStatus(answer.status);
      break;
    case 'failing':
      verdict = words.failing(answer.httpStatus);
      break;
    default:
      verdict = words[answer.kind];
  }
  // What did not change is not written again: a screen reader would say it again.
  const place = element('verdict');
  if (place.textContent !== verdict) place.textContent = verdict;
  document.body.dataset['state'] = empty ? 'empty' : answer.kind;
  if (answer.kind === 'serving') arrange(empty ? ['load', 'ask'] : ['ask', 'load']);
}

/** arrange puts two sections in order: an empty store is shown how to fill it before it is shown what to ask. */
function arrange([first, second]: [string, string]): void {
  const [above, below] = [element(first), element(second)];
  if (above.nextElementSibling !== below) below.before(above);
}

function showStatus(status: Status): void {
  const words = said[language];
  const number = new Intl.NumberFormat(locale);
  for (const name of ['customers', 'interactions', 'products', 'categories'] as const) {
    element(name).textContent = number.format(status[name]);
  }
  element('facts').hidden = false;
  element('latest').replaceChildren(...(status.asOf ? moment(new Date(status.asOf)) : [words.nothing]));
  element('store').textContent = storeName(status.store);
  element('current').textContent = status.ageSeconds === 0 ? words.direct : words.behind(number.format(Math.ceil(status.ageSeconds)));
  element('elsewhere').hidden = status.store === 'sqlite:demo';
}

/** storeName turns "sqlite:shop.db" into "SQLite · shop.db". */
function storeName(store: string): string {
  const colon = store.indexOf(':');
  if (colon < 0) return store;
  const kind = store.slice(0, colon);
  const names: Readonly<Record<string, string>> = { sqlite: 'SQLite', neo4j: 'Neo4j' };
  return `${names[kind] ?? kind} · ${store.slice(colon + 1)}`;
}

const units: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** moment gives a moment in the reader's zone, and how long ago it is. */
function moment(at: Date): (Node | string)[] {
  const time = document.createElement('time');
  time.dateTime = at.toISOString();
  time.textContent = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(at);
  const seconds = (at.getTime() - Date.now()) / 1_000;
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
  const ago = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(Math.trunc(seconds / size), unit);
  return [time, language === 'en' ? ` (${ago})` : `（${ago}）`];
}

/** kept reads or writes a small setting; a browser that keeps nothing is no failure. */
function kept(value?: string): string | null {
  try {
    if (value !== undefined) localStorage.setItem(remembered, value);
    return localStorage.getItem(remembered);
  } catch {
    return null;
  }
}

function isLanguage(text: string | null | undefined): text is Language {
  return text === 'en' || text === 'zh-Hant';
}

const before = kept();
language = isLanguage(before) ? before : navigator.language.toLowerCase().startsWith('zh') ? 'zh-Hant' : 'en';
for (const button of document.querySelectorAll<HTMLElement>('[data-language]')) {
  button.addEventListener('click', () => {
    const chosen = button.dataset['language'];
    if (!isLanguage(chosen)) return;
    language = chosen;
    kept(chosen);
    show();
  });
}
show();
void follow((answer) => {
  last = answer;
  showAnswer(answer);
});
