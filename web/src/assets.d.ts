// What packages hand out without types: style sheets under a name of their own …
declare module 'graphiql/style.css';
declare module '@graphiql/plugin-explorer/style.css';

// … and CodeMirror 5, of which this is all that is set here.
declare module 'codemirror' {
  const CodeMirror: { defaults: { lineWrapping: boolean } };
  export default CodeMirror;
}
