import type { Fetcher, FetcherOpts, FetcherParams } from '@graphiql/toolkit';
import { getOperationAST, parse } from 'graphql';
import { createClient } from 'graphql-sse';

const address = '/graphql';

// GraphiQL notices a moment late that another tab has another operation, and would name the one before.
function timely(params: FetcherParams): FetcherParams {
  return params.operationName && !params.query.includes(params.operationName) ? { ...params, operationName: undefined } : params;
}

/** once asks a question that has one answer. One that is not JSON is a failure on the way, and is shown as one. */
async function once(params: FetcherParams, options?: FetcherOpts) {
  const response = await fetch(address, {
    method: 'POST',
    headers: {
      ...options?.headers,
      Accept: 'application/graphql-response+json, application/json',
      'Content-Type': 'application/json',
    },
    body: JSON.stringify(params),
  });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`The server answered ${response.status} ${response.statusText} without JSON.`);
  }
}

/** listens tells whether a question is a subscription. What cannot be read is none: the server says what is wrong with it. */
function listens({ query, operationName }: FetcherParams): boolean {
  try {
    return getOperationAST(parse(query), operationName)?.operation === 'subscription';
  } catch {
    return false;
  }
}

/** ask is how the playground asks this server, and never another one: what a subscription tells comes as events until it is stopped. */
export const ask: Fetcher = (given, options) => {
  const params = timely(given);
  if (!listens(params)) return once(params, options);
  const { query, variables, operationName } = params;
  return createClient({ url: address, headers: options?.headers, retryAttempts: 0 }).iterate({ query, variables, operationName: operationName ?? undefined });
};
