// What the server says of itself, asked again and again.

export interface Status {
  store: string;
  asOf: string | null;
  ageSeconds: number;
  customers: number;
  interactions: number;
  products: number;
  categories: number;
}

export type Answer =
  | { kind: 'serving'; status: Status }
  | { kind: 'opening' }
  | { kind: 'unreachable' }
  | { kind: 'locked' }
  | { kind: 'failing'; httpStatus: number };

const query = '{ status { store asOf ageSeconds customers interactions products categories } }';

export async function ask(): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch('/graphql', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ query }),
      signal: AbortSignal.timeout(10_000),
    });
  } catch {
    return { kind: 'unreachable' };
  }
  if (response.status === 503) return { kind: 'opening' };
  if (response.status === 401) return { kind: 'locked' };
  try {
    const body: { data?: { status: Status } | null } = await response.json();
    if (response.ok && body.data) return { kind: 'serving', status: body.data.status };
  } catch {
    // An answer that is no JSON, or was cut off, is a failure like any other.
  }
  return { kind: 'failing', httpStatus: response.status };
}

const steady = 10_000; // ms between questions while it answers
const soonest = 1_000; // ms until the first further try after it did not; each wait is twice the one before

/** Asks for as long as the page lives, and tells each answer. A page that nobody looks at asks nothing. */
export async function follow(tell: (answer: Answer) => void): Promise<never> {
  for (let wait = soonest; ; ) {
    const answer = await ask();
    tell(answer);
    if (answer.kind === 'serving') {
      wait = soonest;
      await pause(steady);
    } else {
      await pause(wait);
      wait = Math.min(wait * 2, steady);
    }
    await looked();
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function looked(): Promise<void> {
  return new Promise((resolve) => {
    if (!document.hidden) return resolve();
    document.addEventListener('visibilitychange', () => resolve(), { once: true });
  });
}
