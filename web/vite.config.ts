import { defineConfig, type Plugin } from 'vite';

// GraphiQL's style sheet carries 34 fonts as data, a megabyte; the pages use the fonts of the system.
const stripFonts: Plugin = {
  name: 'strip-fonts',
  enforce: 'pre',
  transform(code, id) {
    if (!id.endsWith('/graphiql/dist/style.css')) return null;
    return { code: code.replace(/@font-face\s*\{[^}]*\}/g, ''), map: null };
  },
};

export default defineConfig({
  plugins: [stripFonts],
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      input: ['index.html', 'playground.html'],
      onwarn(warning, report) {
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') report(warning); // "use client" means nothing here
      },
      // The editor asks for some thirty small modules as it starts; in one file they are one request.
      output: { codeSplitting: { groups: [{ name: 'graphiql', test: /node_modules/ }] } },
    },
  },
});
