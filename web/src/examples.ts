// The examples are the files in ../examples: one a tab, in order of name, with variables in a .json of the same name.
// The first comment line says in English what one shows, the second says it in Chinese. A Go test runs every one.

export interface Example {
  english: string;
  chinese: string;
  query: string;
  variables: string;
}

const queries = import.meta.glob<string>('../examples/*.graphql', { query: '?raw', import: 'default', eager: true });
const variables = import.meta.glob<string>('../examples/*.json', { query: '?raw', import: 'default', eager: true });

export const examples: readonly Example[] = Object.keys(queries)
  .sort()
  .map((path) => {
    const query = (queries[path] ?? '').trimEnd();
    const [english = '', chinese = ''] = query.split('\n').map((line) => line.replace(/^#\s*/, ''));
    return { english, chinese, query, variables: (variables[path.replace(/\.graphql$/, '.json')] ?? '').trimEnd() };
  });
