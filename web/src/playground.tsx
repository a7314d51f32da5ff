import { explorerPlugin } from '@graphiql/plugin-explorer';
import { ToolbarButton, useEditorContext } from '@graphiql/react';
import CodeMirror from 'codemirror';
import { GraphiQL } from 'graphiql';
import { useState, type ReactElement } from 'react';
import { createRoot } from 'react-dom/client';

import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './playground.css';
import { ask } from './ask';
import { examples } from './examples';
import { asked, linkTo, type Question } from './link';

function ShareButton(): ReactElement {
  const { queryEditor, variableEditor } = useEditorContext({ nonNull: true });
  const [label, setLabel] = useState('Copy a link to this question');
  const share = async (): Promise<void> => {
    const question = { query: queryEditor?.getValue() ?? '', variables: variableEditor?.getValue() ?? '' };
    const link = new URL(linkTo(question), location.href).href;
    try {
      await navigator.clipboard.writeText(link);
      setLabel('Copied');
    } catch {
      history.replaceState(null, '', link); // without a clipboard the address bar has it
      setLabel('The link stands in the address bar');
    }
  };
  return (
    <ToolbarButton label={label} onClick={() => void share()}>
      <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.4" className="graphiql-toolbar-icon" aria-hidden="true">
        <path d="M6.5 9.5l3-3M7 4.5l1.3-1.3a3.2 3.2 0 0 1 4.5 4.5L11.5 9M9 11.5l-1.3 1.3a3.2 3.2 0 0 1-4.5-4.5L4.5 7" />
      </svg>
    </ToolbarButton>
  );
}

/** kept gives what stood in the tab that was open last. */
function kept(): Question | undefined {
  try {
    const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem('graphiql:tabState') ?? '');
    return { query: tabs[activeTabIndex].query ?? '', variables: tabs[activeTabIndex].variables ?? '' };
  } catch {
    return undefined; // nothing is kept, or nothing that can be read
  }
}

CodeMirror.defaults.lineWrapping = true; // long lines stay readable in narrow panes
const narrow = matchMedia('(max-width: 48rem)').matches;
const plugins = [explorerPlugin({ showAttribution: false })];

// Tabs that were edited are kept in this browser, and take the place of the examples. The question of a link comes into
// a tab of its own. GraphiQL is told what is open: by itself it looks into what it keeps of each editor, which lags
// behind the tabs, and opens a second tab for it.
const linked = asked(location.hash);
// A reload keeps what was edited since: the address goes once its tab is kept, which takes half a second.
if (linked) setTimeout(() => history.replaceState(null, '', location.pathname), 1_500);
const tabs: Question[] = examples.map(({ query, variables }) => ({ query, variables }));
const open = linked ?? kept() ?? tabs[0];
const firstTabs = linked ? [linked, ...tabs.filter((tab) => tab.query !== linked.query)] : tabs;

function Playground(): ReactElement {
  return (
    <GraphiQL
      fetcher={ask}
      plugins={plugins}
      query={open?.query}
      variables={open?.variables}
      defaultTabs={firstTabs}
      defaultEditorToolsVisibility={!narrow}
      isHeadersEditorEnabled
      shouldPersistHeaders={false} // they may carry keys
    >
      <GraphiQL.Logo>
        <a className="home" href="/">
          Lacuna
        </a>
      </GraphiQL.Logo>
      <GraphiQL.Toolbar>
        {({ prettify, copy, merge }) => (
          <>
            {prettify}
            {merge}
            {copy}
            <ShareButton />
          </>
        )}
      </GraphiQL.Toolbar>
    </GraphiQL>
  );
}

const root = document.getElementById('playground');
if (!root) throw new Error('playground.html has no element with the id playground');
createRoot(root).render(<Playground />);
window.addEventListener('hashchange', () => location.reload());
