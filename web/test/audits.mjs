// audits.mjs URL: asks a running server what the GraphQL over HTTP specification wants of it, by the audits of graphql-http, and
// fails unless all are met.
import { serverAudits } from 'graphql-http';

const url = process.argv[2];
const failed = [];
const audits = serverAudits({ url, fetchFn: fetch });
for (const audit of audits) {
  const result = await audit.fn();
  if (result.status !== 'ok') failed.push(`${result.status} ${audit.id}: ${audit.name}: ${result.reason}`);
}
console.log(`${audits.length - failed.length} of ${audits.length} audits`);
if (failed.length > 0) {
  console.error(failed.join('\n'));
  process.exit(1);
}
