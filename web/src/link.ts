// A question can be handed on as a link: /playground#query=…&variables=…. What stands after # is never sent to a server.

export interface Question {
  query: string;
  variables: string;
}

export function linkTo(question: Question): string {
  const state = new URLSearchParams({ query: question.query });
  if (question.variables.trim() !== '') state.set('variables', question.variables);
  return `/playground#${state}`;
}

/** Reads the question of a link from location.hash; undefined when it has none. */
export function asked(hash: string): Question | undefined {
  const state = new URLSearchParams(hash.slice(1));
  const query = state.get('query');
  return query ? { query, variables: state.get('variables') ?? '' } : undefined;
}
